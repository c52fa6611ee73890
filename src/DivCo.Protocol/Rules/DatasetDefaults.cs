namespace DivCo.Protocol.Rules;

/// <summary>The defaults that depend on which data set it is. What does not go with the set stays absent.</summary>
internal static class DatasetDefaults
{
    /// <summary>
    /// Of the fields that are not set. A folder of images is resized and cropped as published for image-to-image tasks (286 to 256: here 9/8 of
    /// the model's size) and mirrored, unless its images have classes.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, object>> Of(SearchSpace space)
    {
        var names = space.Texts("dataset.name").ToList();
        var inColour = names.Count > 0 && names.All(name => name is DatasetNames.Cifar10 or DatasetNames.ImageFolder);
        var isFolder = names.Count > 0 && names.All(name => name == DatasetNames.ImageFolder);
        var hasClasses = space.Texts("task").Contains("class_conditional");
        if (!space.IsSet("model.channels"))
        {
            yield return new("model.channels", inColour ? 3 : 1);
        }

        if (!space.IsSet("dataset.flip") && names.Count > 0 && names.All(DatasetNames.Mirrored.Contains))
        {
            yield return new("dataset.flip", isFolder && !hasClasses);
        }

        if (!space.IsSet("dataset.load_size") && isFolder && space.Integers("model.image_size").ToList() is [var size] && size is > 0 and <= 512)
        {
            yield return new("dataset.load_size", (int)(hasClasses ? size : size + (size / 8)));
        }
    }
}
