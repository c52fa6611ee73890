using System.CommandLine;
using DivCo.Cluster.Hosting;

// The host handles signals itself, and takes the time that a clean end needs.
return await ServerCommandLine.Create(Server.Run).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
