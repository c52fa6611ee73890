namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>A piece of an Inception network: layers, chains of pieces and branches that are put side by side.</summary>
internal abstract record InceptionPiece;

/// <summary>A convolution without bias, batch norm and ReLU.</summary>
/// <param name="Name">Below that of the block; where the block is this layer alone, its name.</param>
/// <param name="Padding">Height, width.</param>
internal sealed record ConvolutionPiece(string Name, int Outputs, (int Height, int Width) Kernel, (int Height, int Width) Padding, int Stride = 1) : InceptionPiece;

/// <summary>The maximum over 3 x 3.</summary>
internal sealed record MaximumPiece(int Stride, int Padding) : InceptionPiece;

/// <summary>The mean over 3 x 3 with stride 1, over what lies within the map.</summary>
internal sealed record MeanPiece : InceptionPiece;

/// <summary>One piece after the other.</summary>
internal sealed record ChainPiece(params InceptionPiece[] Pieces) : InceptionPiece;

/// <summary>All branches on the same input, their channels one after the other.</summary>
internal sealed record BranchesPiece(params InceptionPiece[] Branches) : InceptionPiece;
