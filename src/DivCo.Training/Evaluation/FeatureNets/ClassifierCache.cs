using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DivCo.Training.Checkpoints;
using DivCo.Training.Tasks;

namespace DivCo.Training.Evaluation.FeatureNets;

/// <summary>
/// Classifiers that were trained before, one safetensors file each, in a folder that any number of processes share. A file's name holds the hash of
/// what it was trained on and how, and that of its own bytes, so that a damaged one is noticed; it is then trained anew.
/// </summary>
/// <param name="folder">Made when it is needed.</param>
/// <param name="samples">That a classifier is trained on.</param>
internal sealed class ClassifierCache(string folder, int samples = ClassifierTraining.Samples)
{
    private const string AccuracyTensor = "test_accuracy";
    private const string Ending = ".safetensors";
    private const long MaxBytes = 64 << 20;

    // Of each net, held while it is trained, so that devices of one process train it once.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = [];

    /// <summary>The classifier of a data set: read, or trained (one to two minutes on a CPU thread for 60,000 images of 32 x 32) and written.</summary>
    /// <param name="test">For the accuracy that its name tells.</param>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was asked for.</exception>
    public Classifier Open(ClassifierData training, ClassifierData test, ulong seed, CancellationToken abort)
    {
        var network = new ClassifierNetwork(training.Channels, training.ImageSize, training.Classes);
        var parameters = new FlatTensors(network.Parameters);
        try
        {
            var key = Key(training, test, seed);
            var gate = _gates.GetOrAdd(key, _ => new SemaphoreSlim(1));
            gate.Wait(abort);
            try
            {
                var (accuracy, sha256) = Read(key, parameters) ?? Train(key, network, parameters, training, test, seed, abort);
                var name = FormattableString.Invariant(
                    $"classifier of {training.Name} ({training.Task}, seed {seed}, {accuracy:P1} right, weights {sha256[..12]})");
                return new Classifier(name, network, parameters);
            }
            finally
            {
                gate.Release();
            }
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    private string Key(ClassifierData training, ClassifierData test, ulong seed) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(
        $"classifier {ClassifierTraining.Version}\ntraining={training.Sha256}\ntest={test.Sha256}\ntask={training.Task}\nseed={seed}\nsamples={samples}\n"
        + $"size={training.ImageSize}\nchannels={training.Channels}\nhardware={TorchRuntime.HardwareClass}\n")))[..32];

    private (double Accuracy, string Sha256) Train(
        string key, ClassifierNetwork network, FlatTensors parameters, ClassifierData training, ClassifierData test, ulong seed, CancellationToken abort)
    {
        ClassifierTraining.Run(network, parameters, training, seed, samples, abort);
        var accuracy = ClassifierTraining.Accuracy(network, parameters, test, abort);
        using var bytes = new MemoryStream();
        Safetensors.Write(
            bytes,
            [
                .. network.Parameters.Tensors.Select((tensor, i) => new TensorRecord(tensor.Name, tensor.Shape, parameters.ValuesOf(i).ToArray())),
                new TensorRecord(AccuracyTensor, [], new[] { (float)accuracy }),
            ]);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));
        Write(Path.Combine(folder, $"{key}-{sha256}{Ending}"), bytes.ToArray());
        return ((float)accuracy, sha256);
    }

    /// <summary>Whole or not at all; where it cannot be written it is trained again the next time, which costs time alone.</summary>
    private void Write(string path, byte[] bytes)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            DurableFiles.CreateFolder(Path.GetFullPath(folder));
            _ = DurableFiles.Write(unfinished, file => file.Write(bytes));
            File.Move(unfinished, path, overwrite: true);
            DurableFiles.Flush(Path.GetFullPath(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(unfinished);
        }
    }

    private (double Accuracy, string Sha256)? Read(string key, FlatTensors parameters)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        foreach (var path in Directory.EnumerateFiles(folder, $"{key}-*{Ending}").Order(StringComparer.Ordinal))
        {
            try
            {
                if (new FileInfo(path).Length <= MaxBytes && Decode(path, key, File.ReadAllBytes(path), parameters) is { } found)
                {
                    return found;
                }

                Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As if it were not there.
            }
        }

        return null;
    }

    private static (double Accuracy, string Sha256)? Decode(string path, string key, byte[] bytes, FlatTensors parameters)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (Path.GetFileName(path) != $"{key}-{sha256}{Ending}")
        {
            return null;
        }

        using var stream = new MemoryStream(bytes);
        var tensors = Safetensors.Read(stream, bytes.Length).ToDictionary(tensor => tensor.Name);
        var layout = parameters.Layout;
        for (var i = 0; i < layout.Tensors.Count; i++)
        {
            tensors[layout.Tensors[i].Name].Values.Span.CopyTo(parameters.ValuesOf(i));
        }

        return (tensors[AccuracyTensor].Values.Span[0], sha256);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, and is passed over.
        }
    }
}
