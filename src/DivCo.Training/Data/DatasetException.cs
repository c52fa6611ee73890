namespace DivCo.Training.Data;

/// <summary>A data set cannot be used. The message names the field or file, what was found, what is allowed, and the fix.</summary>
public sealed class DatasetException(string message, Exception? inner = null) : Exception(message, inner);
