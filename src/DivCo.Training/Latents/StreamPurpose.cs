namespace DivCo.Training.Latents;

/// <summary>What a random number is for. Numbers are part of the format of a trial: never renumber, only add.</summary>
internal enum StreamPurpose : byte
{
    InitialWeight = 1,
    EpochOrder = 2,
    Query = 3,
    Positive = 4,
    Negative = 5,
    SecondCode = 6,
    EvaluationLatent = 7,
    SyntheticData = 8,
    Audit = 9,
    EvaluationDraw = 20,
    ClassifierOrder = 21,
    Augmentation = 10,
    PosteriorNoise = 30,
    ContentNoise = 40,
    OtherDomain = 41,
}
