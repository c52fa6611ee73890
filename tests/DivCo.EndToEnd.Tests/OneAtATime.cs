// Stories start several processes each and wait for real trainings: side by side they would only slow each other down.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
