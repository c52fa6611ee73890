using DivCo.Collectives;
using DivCo.Training.Latents;
using static TorchSharp.torch;

namespace DivCo.Training.Tasks.Unpaired;

/// <summary>
/// The random latents of a shard, block-major; both directions of translation share them. Shard (d, 0) has the query of each sample, with the
/// contrastive term its positive and first negatives, and a second, independent code where a term needs one; (d, k) has further negatives.
/// </summary>
internal sealed class ShardCodes(TrainingConfig config, DiversityTerms terms, ShardGrid grid, ScalarType type)
{
    private readonly LatentAugmentation _augmentation = new(config.Seed, config.Radius);
    private readonly PhiloxStream _secondCodes = new(config.Seed, StreamPurpose.SecondCode);
    private readonly int _samples = config.BatchSize / grid.Data;
    private readonly int _negatives = config.Negatives / grid.Negatives;
    private readonly int _dim = config.Model.LatentDim;

    /// <summary>Blocks of the contrastive term in a shard.</summary>
    public int ContrastBlocks(int shard) => !terms.Contrast ? 0 : _negatives + (grid.NegativeOf(shard) == 0 ? 2 : 0);

    /// <summary>The block of shard (d, 0) that holds the second codes, if it has them.</summary>
    public int SecondBlock => terms.Contrast ? _negatives + 2 : 1;

    /// <summary>
    /// The block that is judged beside the queries: second codes, or the first negatives, which are as random as they are; null: none.
    /// </summary>
    public int? JudgedBlock => terms.Contrast ? 2 : terms.SecondCode ? 1 : null;

    /// <summary>Queries and second codes of a slice, as those of <see cref="Of"/>.</summary>
    /// <returns>[samples or 2 samples, latent dim].</returns>
    public Tensor Random(int step, int slice)
    {
        var codes = empty([(terms.SecondCode ? 2 : 1) * _samples, _dim], float32);
        FillRandom(step, slice, TensorMemory.Floats(codes), secondBlock: 1);
        return codes.to(type);
    }

    /// <returns>[blocks * samples, latent dim].</returns>
    public Tensor Of(int step, int shard)
    {
        var slice = grid.SliceOf(shard);
        var first = grid.NegativeOf(shard) == 0;
        var codes = empty([(Math.Max(ContrastBlocks(shard), first ? 1 : 0) + (first && terms.SecondCode ? 1 : 0)) * _samples, _dim], float32);
        var rows = TensorMemory.Floats(codes);
        if (first)
        {
            FillRandom(step, slice, rows, SecondBlock);
        }

        if (terms.Contrast)
        {
            FillContrast(step, shard, rows);
        }

        return codes.to(type);
    }

    private void FillRandom(int step, int slice, Span<float> rows, int secondBlock)
    {
        for (var i = 0; i < _samples; i++)
        {
            var sample = (slice * _samples) + i;
            _augmentation.Query(step, sample, Row(rows, 0, i));
            if (terms.SecondCode)
            {
                LatentAugmentation.Normals(_secondCodes, step, sample, 0, Row(rows, secondBlock, i));
            }
        }
    }

    private void FillContrast(int step, int shard, Span<float> rows)
    {
        Span<float> query = stackalloc float[_dim];
        for (var i = 0; i < _samples; i++)
        {
            var sample = (grid.SliceOf(shard) * _samples) + i;
            var block = 0;
            _augmentation.Query(step, sample, query);
            if (grid.NegativeOf(shard) == 0)
            {
                _augmentation.Positive(step, sample, query, Row(rows, 1, i));
                block = 2;
            }

            var outside = _augmentation.Outside(query);
            for (var j = 0; j < _negatives; j++)
            {
                _augmentation.Negative(step, sample, (grid.NegativeOf(shard) * _negatives) + j, outside, Row(rows, block + j, i));
            }
        }
    }

    private Span<float> Row(Span<float> rows, int block, int i) => rows.Slice(((block * _samples) + i) * _dim, _dim);
}
