namespace DivCo.Training.Evaluation;

/// <summary>What was asked for cannot be evaluated: a file of weights that does not fit, or a setting that does not; says what to do.</summary>
public sealed class EvaluationException(string message, Exception? cause = null) : Exception(message, cause);
