namespace DivCo.Training.Data;

/// <summary>Which part of a data set.</summary>
public enum Split
{
    /// <summary>What is trained on.</summary>
    Train,

    /// <summary>What is never trained on: evaluation compares with it.</summary>
    Test,
}
