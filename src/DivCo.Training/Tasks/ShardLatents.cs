using DivCo.Collectives;
using DivCo.Training.Latents;

namespace DivCo.Training.Tasks;

/// <summary>
/// The latent rows of a shard, block-major: [query; positive; negatives; second code] of the slice's samples in shard (d, 0), further
/// negatives in (d, k). Positive and negatives are there with the contrastive term, the second code where the terms have one.
/// </summary>
internal sealed class ShardLatents(TrainingConfig config, DiversityTerms terms, ShardGrid grid)
{
    private readonly LatentAugmentation _augmentation = new(config.Seed, config.Radius);
    private readonly PhiloxStream _secondCodes = new(config.Seed, StreamPurpose.SecondCode);
    private readonly int _negatives = config.Negatives / grid.Negatives;
    private readonly int _dim = config.Model.LatentDim;

    /// <summary>Samples of a slice: rows of a block.</summary>
    public int Samples { get; } = config.BatchSize / grid.Data;

    /// <summary>Whether the shard has the queries of its slice, and all that is of a sample alone.</summary>
    public bool HoldsQueries(int shard) => grid.NegativeOf(shard) == 0;

    /// <summary>Blocks of the contrastive term, which come first.</summary>
    public int ContrastBlocks(int shard) => terms.Contrasts ? _negatives + (HoldsQueries(shard) ? 2 : 0) : 0;

    /// <summary>All blocks of a shard. The first one is the query, the last one the second code.</summary>
    public int Blocks(int shard) =>
        (terms.Contrasts ? ContrastBlocks(shard) : 1) + (terms.HasSecondCode && HoldsQueries(shard) ? 1 : 0);

    /// <summary>Fills [blocks, samples, latent dim].</summary>
    public void Fill(int step, int shard, Span<float> rows)
    {
        Span<float> query = stackalloc float[_dim];
        for (var i = 0; i < Samples; i++)
        {
            var sample = (grid.SliceOf(shard) * Samples) + i;
            _augmentation.Query(step, sample, query);
            if (terms.Contrasts)
            {
                FillContrast(step, shard, i, query, rows);
            }
            else
            {
                query.CopyTo(Row(rows, 0, i));
            }

            if (terms.HasSecondCode && HoldsQueries(shard))
            {
                LatentAugmentation.Normals(_secondCodes, step, sample, 0, Row(rows, Blocks(shard) - 1, i));
            }
        }
    }

    private void FillContrast(int step, int shard, int i, ReadOnlySpan<float> query, Span<float> rows)
    {
        var sample = (grid.SliceOf(shard) * Samples) + i;
        var block = 0;
        if (HoldsQueries(shard))
        {
            query.CopyTo(Row(rows, block++, i));
            _augmentation.Positive(step, sample, query, Row(rows, block++, i));
        }

        var outside = _augmentation.Outside(query);
        for (var j = 0; j < _negatives; j++)
        {
            _augmentation.Negative(step, sample, (grid.NegativeOf(shard) * _negatives) + j, outside, Row(rows, block + j, i));
        }
    }

    private Span<float> Row(Span<float> rows, int block, int i) => rows.Slice(((block * Samples) + i) * _dim, _dim);
}
