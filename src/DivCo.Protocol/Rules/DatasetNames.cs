namespace DivCo.Protocol.Rules;

/// <summary>The data sets, and which fields and tasks go with them.</summary>
internal static class DatasetNames
{
    public const string ImageFolder = "image-folder";
    public const string Cifar10 = "cifar-10";

    private const string FashionMnist = "fashion-mnist";
    private const string Modes = "modes";
    private const string EdgesToFashion = "edges-to-fashion";
    private const string SneakersToBoots = "sneakers-to-boots";

    public static readonly IReadOnlyList<string> All = [FashionMnist, Modes, Cifar10, EdgesToFashion, SneakersToBoots, ImageFolder];

    /// <summary>Those whose images may be mirrored: a mode of <c>modes</c> would become another, and all shoes of Fashion-MNIST point to one side.</summary>
    public static readonly IReadOnlyList<string> Mirrored = [Cifar10, EdgesToFashion, SneakersToBoots, ImageFolder];

    /// <summary>What a task trains on, in words, and the sets that hold it; null for a task that is not known.</summary>
    public static (string Kind, IReadOnlyList<string> Names)? Of(string task) => task switch
    {
        "class_conditional" => ("labelled images", [FashionMnist, Modes, Cifar10, ImageFolder]),
        "paired" => ("pairs of images", [EdgesToFashion, ImageFolder]),
        "unpaired" => ("images of two domains", [SneakersToBoots, ImageFolder]),
        _ => null,
    };

    /// <summary>The one size and number of channels that a set has, and why; null where the model decides.</summary>
    public static (int Size, string WhySize, int Channels, string WhyChannels)? FormOf(string name) => name switch
    {
        FashionMnist or EdgesToFashion or SneakersToBoots => (32, "its 28x28 images are padded to 32", 1, "its images are grey"),
        Cifar10 => (32, "its images are 32x32", 3, "its images are in colour"),
        _ => null,
    };
}
