namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// The blocks of InceptionV3 (Szegedy et al., CVPR 2016) up to its last mean over positions, as the network of the original Frechet distance has them
/// (TensorFlow's Inception of 2015-12-05): means leave padding out, and the last block takes a maximum where the others take a mean.
/// Names are those of torchvision.
/// </summary>
internal static class InceptionBlocks
{
    public static IReadOnlyList<(string Name, InceptionPiece Piece)> All { get; } =
    [
        ("Conv2d_1a_3x3", new ConvolutionPiece("", 32, (3, 3), (0, 0), 2)),
        ("Conv2d_2a_3x3", new ConvolutionPiece("", 32, (3, 3), (0, 0))),
        ("Conv2d_2b_3x3", new ConvolutionPiece("", 64, (3, 3), (1, 1))),
        ("", new MaximumPiece(2, 0)),
        ("Conv2d_3b_1x1", new ConvolutionPiece("", 80, (1, 1), (0, 0))),
        ("Conv2d_4a_3x3", new ConvolutionPiece("", 192, (3, 3), (0, 0))),
        ("", new MaximumPiece(2, 0)),
        ("Mixed_5b", A(32)),
        ("Mixed_5c", A(64)),
        ("Mixed_5d", A(64)),
        ("Mixed_6a", B),
        ("Mixed_6b", C(128)),
        ("Mixed_6c", C(160)),
        ("Mixed_6d", C(160)),
        ("Mixed_6e", C(192)),
        ("Mixed_7a", D),
        ("Mixed_7b", E(new MeanPiece())),
        ("Mixed_7c", E(new MaximumPiece(1, 1))),
    ];

    private static BranchesPiece B => new(
        new ConvolutionPiece("branch3x3", 384, (3, 3), (0, 0), 2),
        new ChainPiece(
            Point("branch3x3dbl_1", 64),
            new ConvolutionPiece("branch3x3dbl_2", 96, (3, 3), (1, 1)),
            new ConvolutionPiece("branch3x3dbl_3", 96, (3, 3), (0, 0), 2)),
        new MaximumPiece(2, 0));

    private static BranchesPiece D => new(
        new ChainPiece(Point("branch3x3_1", 192), new ConvolutionPiece("branch3x3_2", 320, (3, 3), (0, 0), 2)),
        new ChainPiece(
            Point("branch7x7x3_1", 192),
            Wide("branch7x7x3_2", 192, 7),
            High("branch7x7x3_3", 192, 7),
            new ConvolutionPiece("branch7x7x3_4", 192, (3, 3), (0, 0), 2)),
        new MaximumPiece(2, 0));

    private static BranchesPiece A(int pooled) => new(
        Point("branch1x1", 64),
        new ChainPiece(Point("branch5x5_1", 48), new ConvolutionPiece("branch5x5_2", 64, (5, 5), (2, 2))),
        new ChainPiece(
            Point("branch3x3dbl_1", 64),
            new ConvolutionPiece("branch3x3dbl_2", 96, (3, 3), (1, 1)),
            new ConvolutionPiece("branch3x3dbl_3", 96, (3, 3), (1, 1))),
        new ChainPiece(new MeanPiece(), Point("branch_pool", pooled)));

    private static BranchesPiece C(int inner) => new(
        Point("branch1x1", 192),
        new ChainPiece(Point("branch7x7_1", inner), Wide("branch7x7_2", inner, 7), High("branch7x7_3", 192, 7)),
        new ChainPiece(
            Point("branch7x7dbl_1", inner),
            High("branch7x7dbl_2", inner, 7),
            Wide("branch7x7dbl_3", inner, 7),
            High("branch7x7dbl_4", inner, 7),
            Wide("branch7x7dbl_5", 192, 7)),
        new ChainPiece(new MeanPiece(), Point("branch_pool", 192)));

    private static BranchesPiece E(InceptionPiece pool) => new(
        Point("branch1x1", 320),
        new ChainPiece(Point("branch3x3_1", 384), new BranchesPiece(Wide("branch3x3_2a", 384, 3), High("branch3x3_2b", 384, 3))),
        new ChainPiece(
            Point("branch3x3dbl_1", 448),
            new ConvolutionPiece("branch3x3dbl_2", 384, (3, 3), (1, 1)),
            new BranchesPiece(Wide("branch3x3dbl_3a", 384, 3), High("branch3x3dbl_3b", 384, 3))),
        new ChainPiece(pool, Point("branch_pool", 192)));

    private static ConvolutionPiece Point(string name, int outputs) => new(name, outputs, (1, 1), (0, 0));

    private static ConvolutionPiece Wide(string name, int outputs, int width) => new(name, outputs, (1, width), (0, width / 2));

    private static ConvolutionPiece High(string name, int outputs, int height) => new(name, outputs, (height, 1), (height / 2, 0));
}
