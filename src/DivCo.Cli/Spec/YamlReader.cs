using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DivCo.Cli.Spec;

/// <summary>Parses one bounded YAML document: no aliases, tags or further documents, so that a small file stays small in memory.</summary>
internal sealed class YamlReader
{
    public const int MaxBytes = 1024 * 1024;
    public const int MaxDepth = 32;
    public const int MaxNodes = 50_000;

    private readonly Parser _parser;
    private readonly List<Finding> _findings;
    private int _nodes;

    private YamlReader(Parser parser, List<Finding> findings)
    {
        _parser = parser;
        _findings = findings;
    }

    /// <summary>The tree of the text, or null with a finding where it is not YAML or breaks a bound.</summary>
    public static YamlTree? Read(string text, List<Finding> findings)
    {
        try
        {
            return new YamlReader(new Parser(new StringReader(text)), findings).Document();
        }
        catch (YamlException broken)
        {
            // The message repeats the place in its own form; the innermost one is the cause.
            findings.Add(new(PlaceOf(broken.Start), "", $"not valid YAML: {YamlTree.Shorten(broken.Message)}"));
            return null;
        }
        catch (RefusedException refused)
        {
            findings.Add(new(refused.Place, "", refused.Message));
            return null;
        }
    }

    private YamlTree? Document()
    {
        Next(); // stream start
        if (Next() is StreamEnd end)
        {
            _findings.Add(new(PlaceOf(end.Start), "", "the file is empty; a sweep begins with apiVersion: divco/v1 and kind: Sweep"));
            return null;
        }

        var tree = Node(Next(), depth: 0);
        Next(); // document end
        return Next() is StreamEnd ? tree : throw new RefusedException(PlaceOf(_parser.Current!.Start), "a file holds one sweep; remove further documents");
    }

    private YamlTree Node(ParsingEvent start, int depth)
    {
        var place = PlaceOf(start.Start);
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            throw new RefusedException(place, $"too large: at most {MaxDepth} levels and {MaxNodes} values are read");
        }

        if (start is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
        {
            throw new RefusedException(place, "anchors and aliases are not supported; write the value out");
        }

        if (start is NodeEvent { Tag.IsEmpty: false })
        {
            throw new RefusedException(place, "tags are not supported; write the plain value");
        }

        switch (start)
        {
            case Scalar scalar:
                return new YamlTree.Scalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                var items = new List<YamlTree>();
                for (var next = Next(); next is not SequenceEnd; next = Next())
                {
                    items.Add(Node(next, depth + 1));
                }

                return new YamlTree.Sequence(place, items);
            default:
                return Mapping(place, depth);
        }
    }

    private YamlTree.Mapping Mapping(Place place, int depth)
    {
        var entries = new List<(YamlTree.Scalar Key, YamlTree Value)>();
        var keys = new Dictionary<string, Place>();
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var key = Node(next, depth + 1);
            var value = Node(Next(), depth + 1);
            if (key is not YamlTree.Scalar named)
            {
                _findings.Add(new(key.Place, "", $"{key.Kind} cannot be a key"));
            }
            else if (!keys.TryAdd(named.Text, named.Place))
            {
                _findings.Add(new(key.Place, "", $"the key {key.Kind} stands twice, first in line {keys[named.Text].Line}; remove one"));
            }
            else
            {
                entries.Add((named, value));
            }
        }

        return new YamlTree.Mapping(place, entries);
    }

    private ParsingEvent Next()
    {
        bool moved;
        try
        {
            moved = _parser.MoveNext();
        }
        catch (Exception broken) when (broken is not YamlException)
        {
            // The parser meets some malformed texts with exceptions of its own data structures.
            throw new RefusedException(PlaceOf(_parser.Current?.End ?? Mark.Empty), "not valid YAML after this place");
        }

        return moved ? _parser.Current! : throw new RefusedException(new Place(1, 1), "the file ends in the middle");
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private sealed class RefusedException(Place place, string message) : Exception(message)
    {
        public Place Place { get; } = place;
    }
}
