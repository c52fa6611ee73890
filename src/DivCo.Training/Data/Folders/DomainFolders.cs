namespace DivCo.Training.Data.Folders;

/// <summary>Two folders of images, one of each domain.</summary>
internal sealed class DomainFolders(IReadOnlyList<ImageGroup> domains, ImageForm form) : ImageDomains
{
    public override string Name => ImageFolder.DatasetName;

    public override int CountA => domains[0].Count;

    public override int CountB => domains[1].Count;

    public override IReadOnlyList<string> DomainNames { get; } = ["A", "B"];

    public override int Channels => form.Channels;

    public override int ImageSize => form.ImageSize;

    public override string Sha256 { get; } = ImageFolder.HashOf("domains", domains.SelectMany(domain => domain.Files));

    private protected override void Copy(int domain, int index, Augmentation augmentation, Span<float> chw) =>
        domains[domain].Copy(index, 0, augmentation, chw);
}
