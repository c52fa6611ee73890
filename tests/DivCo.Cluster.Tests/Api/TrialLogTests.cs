using DivCo.Cluster.Api;
using DivCo.Cluster.Tests.Hosting;

namespace DivCo.Cluster.Tests.Api;

public sealed class TrialLogTests
{
    [Fact]
    public void Lines_of_all_servers_come_once_by_time_and_a_torn_one_when_it_is_whole()
    {
        using var folder = new TemporaryFolder();
        var log = new TrialLog(Path.Combine(folder.Path, "logs"));
        Assert.Empty(log.Read());

        Append("south", """{"at":"2026-11-23T12:00:01Z","level":"information","text":"second","trace_id":"4bf9"}""" + "\n");
        Append("north", """{"at":"2026-11-23T12:00:00Z","level":"warning","text":"first"}""" + "\n" + """{"at":"2026-11-23T12:0""");
        Assert.Equal(["north warning first ", "south information second 4bf9"], Read());
        Assert.Empty(Read());

        Append("north", """0:02Z","level":"error","text":"third"}""" + "\nno json\n");
        Assert.Equal(["north error third "], Read());

        IEnumerable<string> Read() => log.Read().Select(line => $"{line.Server} {line.Level} {line.Text} {line.TraceId}").ToList();

        void Append(string server, string text)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, "logs"));
            File.AppendAllText(Path.Combine(folder.Path, "logs", $"{server}.jsonl"), text);
        }
    }
}
