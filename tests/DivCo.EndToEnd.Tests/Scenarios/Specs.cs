namespace DivCo.EndToEnd.Tests.Scenarios;

/// <summary>Sweep files of the smallest networks that are still whole: a step takes some 20 ms.</summary>
internal static class Specs
{
    public static string Tiny(int steps = 12, int workers = 2, int every = 4) => $$"""
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: tiny}
        spec:
          seed: 42
          method: random
          metric: {name: diversity, goal: maximize}
          parameters:
            lambda_contra: {distribution: log_uniform, min: 0.1, max: 10}
          limits: {max_trials: 1, max_concurrent: 1, max_failed: 2}
          resources: {workers: {{workers}}}
          trial:
            task: class_conditional
            objective: divco
            dataset: {name: modes}
            model: {width: 4, image_size: 32, latent_dim: 16, feature_dim: 16}
            batch_size: 8
            negatives: 4
            steps: {{steps}}
            shards: {data: 4}
            checkpoint: {every: {{every}}, keep_last: 3, keep_best: 0}
            report_every: 2
        """;

    /// <summary>Of a task that translates images of Fashion-MNIST, on one or two devices.</summary>
    public static string Translation(string task, string dataset, int steps) => $$"""
        apiVersion: divco/v1
        kind: Sweep
        metadata: {name: translation}
        spec:
          seed: 42
          method: random
          metric: {name: diversity, goal: maximize}
          parameters:
            lambda_contra: {distribution: log_uniform, min: 0.1, max: 10}
          limits: {max_trials: 1, max_concurrent: 1, max_failed: 2}
          resources: {workers: 2, elastic: {min: 1, max: 2} }
          trial:
            task: {{task}}
            objective: divco
            dataset: {name: {{dataset}} }
            model: {width: 2, image_size: 32}
            batch_size: 4
            negatives: 2
            steps: {{steps}}
            shards: {data: 4}
            checkpoint: {every: 5, keep_last: 3, keep_best: 0}
            report_every: 1
        """;
}
