using DivCo.Training.Data;
using DivCo.Training.Tasks.ClassConditional;
using DivCo.Training.Tasks.Paired;
using DivCo.Training.Tasks.Unpaired;

namespace DivCo.Training.Tasks;

/// <summary>The conditional tasks by name.</summary>
internal static class TaskCatalog
{
    /// <summary>A task with its networks as they start; the caller disposes of it.</summary>
    /// <exception cref="TrainingConfigException">The name is unknown, or the config does not fit the data set.</exception>
    public static GanTask Create(TrainingConfig config, Dataset dataset) => config.Task switch
    {
        ClassConditionalTask.Name => new ClassConditionalTask(config, dataset.As<LabelledImages>(config.Task)),
        PairedTask.Name => new PairedTask(config, dataset.As<ImagePairs>(config.Task)),
        UnpairedTask.Name => new UnpairedTask(config, dataset.As<ImageDomains>(config.Task)),
        _ => throw new TrainingConfigException(
            $"trial.task: \"{config.Task}\" is not a task; allowed: {ClassConditionalTask.Name}, {PairedTask.Name}, {UnpairedTask.Name}."),
    };

    /// <summary>How many updates a step of the task will have, without networks or data.</summary>
    public static int UpdatesPerStep(TrainingConfig config) => config.Task switch
    {
        PairedTask.Name => PairedTask.UpdatesPerStep,
        UnpairedTask.Name => UnpairedTask.UpdatesPerStep(config.Unpaired!),
        _ => ClassConditionalTask.UpdatesPerStep,
    };
}
