namespace DivCo.Training.Checkpoints;

/// <summary>A checkpoint that is durable on disk.</summary>
/// <param name="Name">Folder name, such as <c>step-000200-e8</c>.</param>
/// <param name="Path">Full path of the folder.</param>
/// <param name="ManifestSha256">SHA-256 of manifest.json: with it in hand, every file can be proven.</param>
/// <param name="Manifest">Its content.</param>
public sealed record WrittenCheckpoint(string Name, string Path, string ManifestSha256, CheckpointManifest Manifest);
