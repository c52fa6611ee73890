using DivCo.Cluster.Hosting;

return await ServerCommandLine.Create(Server.Run).Parse(args).InvokeAsync();
