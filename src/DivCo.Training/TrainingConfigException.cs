namespace DivCo.Training;

/// <summary>A config cannot be trained as it is. The message names the field, the value, what is allowed and what to change.</summary>
public sealed class TrainingConfigException(string message) : Exception(message);
