namespace DivCo.Training.Tests;

/// <summary>An objective and the weights of its terms.</summary>
public sealed record Terms(Objective Objective, double Contra = 0, double Ms = 0, double Z = 0, bool ExtraCode = false)
{
    public static readonly Terms None = new(Objective.None, Contra: 0.7);
    public static readonly Terms DivCo = new(Objective.DivCo, Contra: 0.7);
    public static readonly Terms ModeSeeking = new(Objective.ModeSeeking, Ms: 0.6);
    public static readonly Terms LatentRegression = new(Objective.LatentRegression, Z: 0.5);
    public static readonly Terms DivCoWithExtraCode = DivCo with { ExtraCode = true };
    public static readonly Terms DivCoAndModeSeeking = DivCo with { Ms = 0.6 };
    public static readonly Terms DivCoAndLatentRegression = DivCo with { Z = 0.5 };
    public static readonly Terms ModeSeekingAndLatentRegression = ModeSeeking with { Z = 0.5 };
    public static readonly Terms All = new(Objective.LatentRegression, 0.7, 0.6, 0.5);

    /// <summary>By the names above, so that a test's cases can be told apart.</summary>
    public static Terms Named(string name) => (Terms)typeof(Terms).GetField(name)!.GetValue(null)!;
}
