using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Rules;

/// <summary>Which values a field may take, as a test and in words.</summary>
internal abstract record FieldRule
{
    /// <summary>Ends the sentence "must be ...".</summary>
    public abstract string Allowed { get; }

    public abstract bool Holds(Value value);

    public sealed record Range(double Min, double Max, bool AboveMin = false, bool BelowMax = false) : FieldRule
    {
        public override string Allowed =>
            $"{(AboveMin ? "above" : "at least")} {Min:0.######} and {(BelowMax ? "below" : "at most")} {Max:0.######}";

        public override bool Holds(Value value) => value.KindCase == Value.KindOneofCase.NumberValue
            && (AboveMin ? value.NumberValue > Min : value.NumberValue >= Min)
            && (BelowMax ? value.NumberValue < Max : value.NumberValue <= Max);
    }

    public sealed record Numbers(params double[] Members) : FieldRule
    {
        public override string Allowed => $"one of {string.Join(", ", Members)}";

        public override bool Holds(Value value) => Members.Contains(value.NumberValue);
    }

    public sealed record Names(params string[] Members) : FieldRule
    {
        public override string Allowed => Members is [var only] ? only : $"one of {string.Join(", ", Members)}";

        public override bool Holds(Value value) => Members.Contains(value.StringValue);
    }

    public sealed record Truth : FieldRule
    {
        public override string Allowed => "true or false";

        public override bool Holds(Value value) => value.KindCase == Value.KindOneofCase.BoolValue;
    }

    /// <summary>A path as a person writes it; whether something is there, the servers see.</summary>
    public sealed record Path : FieldRule
    {
        private const int MaxLength = 1024;

        public override string Allowed => $"a path of at most {MaxLength} characters, without control characters and without '..'";

        public override bool Holds(Value value) => value.KindCase == Value.KindOneofCase.StringValue
            && value.StringValue.Trim().Length is > 0 and <= MaxLength
            && !value.StringValue.Any(char.IsControl)
            && !value.StringValue.Split('/').Contains("..");
    }
}
