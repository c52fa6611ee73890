using System.CommandLine;
using System.CommandLine.Parsing;
using DivCo.Cli.LocalCluster;
using DivCo.Cli.Output;
using DivCo.Protocol;

namespace DivCo.Cli;

/// <summary>What commands are given, each with its check.</summary>
internal static class Arguments
{
    public static readonly Option<Uri> Server = new("--server")
    {
        Description = "Address of any server of the cluster; DIVCO_SERVER sets the default",
        HelpName = "address",
        Recursive = true,
        CustomParser = result => Address(result, result.Tokens.Single().Value),
        DefaultValueFactory = result => Address(result, Environment.GetEnvironmentVariable("DIVCO_SERVER") is { Length: > 0 } address
            ? address : "http://127.0.0.1:7400"),
    };

    public static readonly Option<string?> Authority = new("--ca")
    {
        Description = "Certificate (PEM) of the authority that servers are believed by; DIVCO_CA sets the default. DIVCO_TOKEN holds the token",
        HelpName = "file",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DIVCO_CA"),
    };

    public static readonly Option<OutputFormat> Output = new("--output", "-o")
    {
        Description = "text, or json: the last line is one object",
        HelpName = "format",
        Recursive = true,
        CustomParser = result =>
        {
            if (result.Tokens.Single().Value is not ("text" or "json"))
            {
                result.AddError($"--output {result.Tokens.Single().Value}: must be text or json");
            }

            return result.Tokens.Single().Value == "json" ? OutputFormat.Json : OutputFormat.Text;
        },
    };

    public static readonly Argument<string> File = new("file") { Description = "Sweep file (YAML)" };
    public static readonly Argument<string> Sweep = Checked("sweep", "Id of a sweep", SweepId.IsValid, $"no id of a sweep: {SweepId.Allowed}");
    public static readonly Argument<string> Trial = Checked("trial", "Id of a trial: <sweep>/<index>", id => TrialId.TryParse(id, out _),
        "no id of a trial: write <sweep>/<index>");
    public static readonly Argument<string> SweepOrTrial = Checked("id", "Id of a sweep, or <sweep>/<index> for a trial",
        id => SweepId.IsValid(id) || TrialId.TryParse(id, out _), $"no id: write <sweep> ({SweepId.Allowed}) or <sweep>/<index>");
    public static readonly Argument<string> Device = new("device") { Description = "Id of a device, such as silo/cpu0" };
    public static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what comes until the trial has ended; Ctrl-C only detaches" };
    public static readonly Argument<string?> CheckpointName = Optional("name", "Name of the checkpoint, such as step-000200-e1 (else the last)");
    public static readonly Argument<string?> SampleName = Optional("name", "Name of the picture, such as step-000200.png (else the last)");

    public static readonly Argument<string> Checkpoint = new("checkpoint")
    {
        Description = "Folder of a checkpoint, or <sweep>/<index> for the last one of a trial, or <sweep>/<index>@<step>",
    };

    public static readonly Option<int> Processes = Count("--processes", "Server processes to start", 64, 1);
    public static readonly Option<int> Workers = Count("--workers", "Devices of one trial, instead of resources.workers", SweepLimits.MaxWorkers, 0);
    public static readonly Option<DeviceList?> Devices = new("--devices")
    {
        Description = "Devices of each process, such as cpu:2 (else what the sweep can use, at most the cores)",
        HelpName = "devices",
        CustomParser = result =>
        {
            if (DeviceList.TryParse(result.Tokens.Single().Value, out var devices))
            {
                return devices;
            }

            result.AddError($"--devices {result.Tokens.Single().Value}: {DeviceList.Allowed}");
            return null;
        },
    };

    public static readonly Option<string> Results = new("--results")
    {
        Description = "Folder for checkpoints, pictures and metrics",
        HelpName = "folder",
        DefaultValueFactory = _ => "results",
    };

    public static readonly Option<string?> Id = new("--id")
    {
        Description = "Id of the sweep (else its name and 6 characters); with the id and spec of before, it goes on",
        HelpName = "id",
        Validators =
        {
            result =>
            {
                if (result.GetValueOrDefault<string>() is { } id && !SweepId.IsValid(id))
                {
                    result.AddError($"--id {id}: must be {SweepId.Allowed}");
                }
            },
        },
    };

    public static readonly Option<string?> ServerPath = new("--server-path")
    {
        Description = "divco-server to start (else DIVCO_SERVER_PATH, else the one beside divco)",
        HelpName = "file",
    };

    public static readonly Option<string> To = new("--to") { Description = "Folder to download into", HelpName = "folder", DefaultValueFactory = _ => "." };

    public static readonly Option<string> CertificateFolder = new("--to") { Description = "Folder of ca, silo and api .crt and .key; its ca is used if it has one", HelpName = "folder", DefaultValueFactory = _ => "certs" };
    public static readonly Option<string[]> Hosts = new("--host")
    {
        Description = "Name or address that the servers are reached by, again for each; localhost is always in",
        HelpName = "host",
        Validators =
        {
            result =>
            {
                foreach (var token in result.Tokens.Where(token => Uri.CheckHostName(token.Value) == UriHostNameType.Unknown))
                {
                    result.AddError($"--host {token.Value}: must be a host name or an address");
                }
            },
        },
    };

    public static readonly Option<int> Days = Count("--days", "Days that the certificates hold", 3650, 365);
    public static readonly Argument<string> TokenName = Checked("name", "Whose token it is", SweepId.IsValid, $"no name: {SweepId.Allowed}");
    public static readonly Option<AccessRole> Role = new("--role")
    {
        Description = "viewer (look), submitter (submit, stop, resume) or operator (act on the cluster)",
        HelpName = "role",
        DefaultValueFactory = _ => AccessRole.Submitter,
        CustomParser = result =>
        {
            if (Enum.TryParse<AccessRole>(result.Tokens.Single().Value, ignoreCase: true, out var role) && Enum.IsDefined(role)
                && !char.IsAsciiDigit(result.Tokens.Single().Value[0]))
            {
                return role;
            }

            result.AddError($"--role {result.Tokens.Single().Value}: must be viewer, submitter or operator");
            return AccessRole.Viewer;
        },
    };

    public static readonly Option<int> TokenDays = Count("--days", "Days for which it counts (else for ever)", 3650, 0);
    public static readonly Option<string> TokenFile = new("--file") { Description = "The servers' token file, which holds hashes only", HelpName = "file", DefaultValueFactory = _ => "tokens" };

    internal static Option<int> Count(string name, string description, int max, int fallback) => new(name)
    {
        Description = description,
        HelpName = "count",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens.Single().Value, out var count) && count >= 1 && count <= max)
            {
                return count;
            }

            result.AddError($"{name} {result.Tokens.Single().Value}: must be a whole number from 1 to {max}");
            return fallback;
        },
        DefaultValueFactory = fallback == 0 ? null : _ => fallback,
    };

    private static Argument<string> Checked(string name, string description, Func<string, bool> holds, string otherwise) => new(name)
    {
        Description = description,
        Validators =
        {
            result =>
            {
                if (result.GetValueOrDefault<string>() is { } id && !holds(id))
                {
                    result.AddError($"'{id}' is {otherwise}");
                }
            },
        },
    };

    private static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    private static Uri Address(ArgumentResult result, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError($"'{text}' is no address of a server; write http://host:port");
        return new Uri("http://127.0.0.1:7400");
    }
}
