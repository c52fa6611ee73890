namespace DivCo.Protocol.Rules;

/// <summary>Values of a trial's <c>task</c>.</summary>
internal static class Tasks
{
    public const string ClassConditional = "class_conditional";
    public const string Paired = "paired";
    public const string Unpaired = "unpaired";
}
