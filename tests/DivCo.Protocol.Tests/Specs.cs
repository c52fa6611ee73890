using DivCo.Protocol.V1;
using Google.Protobuf;

namespace DivCo.Protocol.Tests;

internal static class Specs
{
    /// <summary>A spec from protobuf's JSON, so that tests read like the files people write.</summary>
    public static SweepSpec Of(string json) => JsonParser.Default.Parse<SweepSpec>(json);

    public static SweepSpec Valid() => Of("""
        {"name": "fashion-tau", "seed": 42, "method": "random",
         "parameters": {
           "lambda_contra": {"distribution": "log_uniform", "min": 0.1, "max": 10},
           "tau": {"values": [0.1, 0.5, 1.0]}},
         "limits": {"max_trials": 12, "max_concurrent": 2},
         "resources": {"workers": 2},
         "trial": {"batch_size": 64, "negatives": 10, "shards": {"data": 4}, "model": {"width": 32}}}
        """);
}
