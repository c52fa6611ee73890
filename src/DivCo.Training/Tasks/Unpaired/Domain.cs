namespace DivCo.Training.Tasks.Unpaired;

/// <summary>One of the two sets of images between which the task translates.</summary>
internal enum Domain
{
    A,
    B,
}
