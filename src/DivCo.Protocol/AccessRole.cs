namespace DivCo.Protocol;

/// <summary>What the holder of a token may do; each role may do what those before it may.</summary>
public enum AccessRole
{
    /// <summary>Look: list, get, watch, download.</summary>
    Viewer,

    /// <summary>Submit sweeps, stop and resume them.</summary>
    Submitter,

    /// <summary>Act on the cluster itself, such as clearing a device.</summary>
    Operator,
}
