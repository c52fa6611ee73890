using Google.Protobuf.WellKnownTypes;

namespace DivCo.Protocol.Rules;

/// <summary>The fields of a data set must fit it, the model and the task, for any values that the search can draw.</summary>
internal static class DatasetRules
{
    private const string Name = "dataset.name";

    public static IEnumerable<Violation> Check(SearchSpace space) => new[]
    {
        Task(space),
        Form(space, "model.image_size", form => (form.Size, form.WhySize)),
        Form(space, "model.channels", form => (form.Channels, form.WhyChannels)),
        Needed(space),
        Only(space, "dataset.path", [DatasetNames.ImageFolder]),
        Only(space, "dataset.load_size", [DatasetNames.ImageFolder]),
        Only(space, "dataset.flip", DatasetNames.Mirrored),
        LoadSize(space),
    }.OfType<Violation>();

    private static Violation? Task(SearchSpace space) => (
        from task in space.Texts("task")
        let needed = DatasetNames.Of(task)
        where needed is not null && TrialFields.Rules["task"].Holds(Value.ForString(task))
        from name in space.Texts(Name)
        where DatasetNames.All.Contains(name) && !needed.Value.Names.Contains(name)
        select new Violation(
            space.FieldOf(Name), $"{name} does not fit task {task}, which trains on {needed.Value.Kind}; use one of {string.Join(", ", needed.Value.Names)}"))
        .FirstOrDefault();

    private static Violation? Form(SearchSpace space, string path, Func<(int Size, string WhySize, int Channels, string WhyChannels), (int Only, string Why)> of) => (
        from name in space.Texts(Name)
        let form = DatasetNames.FormOf(name)
        where form is not null
        let need = of(form.Value)
        from value in space.Integers(path)
        where value != need.Only && TrialFields.Rules[path].Holds(Value.ForNumber(value))
        select new Violation(space.FieldOf(path), $"{value} does not fit {name}: {need.Why}; use {need.Only}"))
        .FirstOrDefault();

    private static Violation? Needed(SearchSpace space) =>
        space.Texts(Name).Contains(DatasetNames.ImageFolder) && !space.IsSet("dataset.path")
            ? new("trial.dataset.path", $"is missing; dataset.name: {DatasetNames.ImageFolder} needs the folder of the images, absolute or below each server's DIVCO_DATA")
            : null;

    private static Violation? Only(SearchSpace space, string path, IReadOnlyList<string> names) =>
        space.IsSet(path) && space.Texts(Name).FirstOrDefault(name => DatasetNames.All.Contains(name) && !names.Contains(name)) is { } other
            ? new(space.FieldOf(path), $"has no meaning for {other}; it belongs to {string.Join(", ", names)}: remove it, or use such a set")
            : null;

    private static Violation? LoadSize(SearchSpace space) => (
        from load in space.Integers("dataset.load_size")
        from size in space.Integers("model.image_size")
        where load < size
        select new Violation(space.FieldOf("dataset.load_size"), $"{load} is less than model.image_size {size}, which is cut from it; use at least {size}"))
        .FirstOrDefault();
}
