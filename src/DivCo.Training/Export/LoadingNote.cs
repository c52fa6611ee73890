namespace DivCo.Training.Export;

/// <summary>The note that lies beside exported weights.</summary>
internal static class LoadingNote
{
    public static string Of(TrainingConfig config, IReadOnlyList<string> files) =>
        $"""
        # Weights for PyTorch

        Exported from a checkpoint of DivCo.Cluster, task `{config.Task}`. Each `*.safetensors` is the `state_dict` of one network, float32:

        ```python
        from safetensors.torch import load_file
        state = load_file("generator.safetensors")
        ```

        {(files.Contains("generator.py") ? Example(config) : "The modules are as published for the task; `module.load_state_dict(state)` fits one whose layers have these names.\n")}
        Images are in [-1, 1], channels first; latents are drawn from N(0, 1). `model.json` has the sizes.
        """ + "\n";

    private static string Example(TrainingConfig config) => config.Task == "paired"
        ? $"""
        `generator.py` holds the generator as a module:

        ```python
        import torch, generator
        model = generator.load(".")
        inputs = torch.zeros(4, 1, {config.Model.ImageSize}, {config.Model.ImageSize})    # [rows, input channels, H, W] in [-1, 1]
        with torch.no_grad():
            images = model(inputs, torch.randn(4, {config.Model.LatentDim}))
        ```

        """
        : $"""
        `generator.py` holds the generator as a module:

        ```python
        import torch, generator
        model = generator.load(".")
        with torch.no_grad():
            images = model(torch.randn(4, {config.Model.LatentDim}), torch.tensor([0, 1, 2, 3]))    # latents, classes
        ```

        """;
}
