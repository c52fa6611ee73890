using DivCo.Collectives;
using DivCo.Training.Latents;

namespace DivCo.Training.Tasks.ClassConditional;

/// <summary>
/// The latent rows of a shard, block-major: [query; positive; negatives] of the slice's samples in shard (d, 0), further negatives in
/// (d, k). Without the contrastive term: [code; second code], both independent.
/// </summary>

internal sealed class ShardLatents(TrainingConfig config, ShardGrid grid)
{
    private readonly LatentAugmentation _augmentation = new(config.Seed, config.Radius);
    private readonly PhiloxStream _secondCodes = new(config.Seed, StreamPurpose.SecondCode);
    private readonly int _samples = config.BatchSize / grid.Data;
    private readonly int _negatives = config.Negatives / grid.Negatives;
    private readonly int _dim = config.Model.LatentDim;

    /// <summary>Rows of a sample in a shard; what query and positive stand in comes first.</summary>
    public int Blocks(int shard) => config.Objective == Objective.None ? 2 : _negatives + (grid.NegativeOf(shard) == 0 ? 2 : 0);

    /// <summary>Fills [blocks, samples, latent dim].</summary>
    public void Fill(int step, int shard, Span<float> rows)
    {
        Span<float> query = stackalloc float[_dim];
        for (var i = 0; i < _samples; i++)
        {
            var sample = (grid.SliceOf(shard) * _samples) + i;
            _augmentation.Query(step, sample, query);
            if (config.Objective == Objective.None)
            {
                query.CopyTo(Row(rows, 0, i));
                LatentAugmentation.Normals(_secondCodes, step, sample, 0, Row(rows, 1, i));
            }
            else
            {
                FillContrast(step, shard, i, query, rows);
            }
        }
    }

    private void FillContrast(int step, int shard, int i, ReadOnlySpan<float> query, Span<float> rows)
    {
        var sample = (grid.SliceOf(shard) * _samples) + i;
        var block = 0;
        if (grid.NegativeOf(shard) == 0)
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

    private Span<float> Row(Span<float> rows, int block, int i) => rows.Slice(((block * _samples) + i) * _dim, _dim);
}
