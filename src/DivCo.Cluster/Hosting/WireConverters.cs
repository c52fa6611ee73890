using DivCo.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace DivCo.Cluster.Hosting;

/// <summary>A protobuf message on its way between grains.</summary>
[GenerateSerializer, Immutable]
public readonly record struct MessageBytes([property: Id(0)] byte[] Bytes);

/// <summary>Lets Orleans carry a protobuf message as its own bytes.</summary>
public abstract class MessageConverter<T>(MessageParser<T> parser) : IConverter<T, MessageBytes>
    where T : IMessage<T>
{
    public T ConvertFromSurrogate(in MessageBytes surrogate) => parser.ParseFrom(surrogate.Bytes);

    public MessageBytes ConvertToSurrogate(in T value) => new(value.ToByteArray());
}

[RegisterConverter]
public sealed class SweepConverter() : MessageConverter<Sweep>(Sweep.Parser);

[RegisterConverter]
public sealed class SweepSpecConverter() : MessageConverter<SweepSpec>(SweepSpec.Parser);

[RegisterConverter]
public sealed class TrialSpecConverter() : MessageConverter<TrialSpec>(TrialSpec.Parser);

[RegisterConverter]
public sealed class ResourcesConverter() : MessageConverter<Resources>(Resources.Parser);

[RegisterConverter]
public sealed class CheckpointConverter() : MessageConverter<Checkpoint>(Checkpoint.Parser);

[RegisterConverter]
public sealed class StructConverter() : MessageConverter<Struct>(Struct.Parser);
