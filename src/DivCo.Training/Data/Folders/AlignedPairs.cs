namespace DivCo.Training.Data.Folders;

/// <summary>Pairs A|B of which each is one file: the left half is the input, the right one the target.</summary>
internal sealed class AlignedPairs(ImageGroup images, ImageForm form) : ImagePairs
{
    public override string Name => ImageFolder.DatasetName;

    public override int Count => images.Count;

    public override int Channels => form.Channels;

    public override int InputChannels => form.Channels;

    public override int ImageSize => form.ImageSize;

    public override string Sha256 { get; } = ImageFolder.HashOf("pairs", images.Files);

    private protected override void Copy(int index, Augmentation augmentation, Span<float> input, Span<float> target)
    {
        images.Copy(index, 0, augmentation, input);
        images.Copy(index, 1, augmentation, target);
    }
}
