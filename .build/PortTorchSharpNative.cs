using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Build task: makes a copy of TorchSharp's native library that an older libstdc++ can load (see Directory.Build.targets).</summary>
public class PortTorchSharpNative : Task
{
    private const string Library = "libstdc++.so.6";
    private const string NewVersion = "GLIBCXX_3.4.32";
    private const string OldVersion = "GLIBCXX_3.4";
    private const string NewSymbol = "_ZSt21ios_base_library_initv";

    // std::ios_base::Init::Init(): the same one-time initialisation, and it ignores its argument.
    private const string OldSymbol = "_ZNSt8ios_base4InitC1Ev";

    // ELF hashes of the two version names, as they stand (little-endian) in the version-needs table.
    private static readonly byte[] NewHash = BitConverter.GetBytes(0x0297f842u);
    private static readonly byte[] OldHash = BitConverter.GetBytes(0x08922974u);

    /// <summary>Where the system's C++ runtime usually is.</summary>
    public string[] Folders { get; set; } =
    {
        "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/usr/local/lib64",
    };

    /// <summary>Lists what the dynamic linker knows, for systems that keep it elsewhere.</summary>
    public string LdConfig { get; set; } = File.Exists("/sbin/ldconfig") ? "/sbin/ldconfig" : "ldconfig";

    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    [Output]
    public bool Ported { get; set; }

    public override bool Execute()
    {
        byte[] image = File.ReadAllBytes(Source);
        byte[] newVersion = Encoding.ASCII.GetBytes("\0" + NewVersion + "\0");
        if (Count(image, newVersion) == 0)
        {
            return true;
        }

        string system = Folders.Select(folder => Path.Combine(folder, Library)).Concat(KnownToTheLinker()).FirstOrDefault(File.Exists);
        if (system == null)
        {
            Log.LogError(
                "TorchSharp's native library {0} needs {1}, which is neither in {2} nor in the list of {3} -p. Install the C++ runtime of " +
                "GCC: apt-get install libstdc++6 (Debian, Ubuntu) or dnf install libstdc++ (Fedora, RHEL).",
                Source, Library, string.Join(", ", Folders), LdConfig);
            return false;
        }

        if (Count(File.ReadAllBytes(system), newVersion) > 0)
        {
            return true;
        }

        byte[] newSymbol = Encoding.ASCII.GetBytes("\0" + NewSymbol + "\0");
        if (Count(image, newVersion) != 1 || Count(image, newSymbol) != 1 || Count(image, NewHash) != 1)
        {
            Log.LogError(
                "TorchSharp's native library {0} needs {1}, which {2} lacks, and its layout is not the known one, so it cannot be " +
                "adapted. Build on a system with libstdc++ of GCC 13 or newer (Debian 13, Ubuntu 24.04).",
                Source, NewVersion, system);
            return false;
        }

        Replace(image, newVersion, Encoding.ASCII.GetBytes(("\0" + OldVersion).PadRight(newVersion.Length, '\0')));
        Replace(image, newSymbol, Encoding.ASCII.GetBytes(("\0" + OldSymbol).PadRight(newSymbol.Length, '\0')));
        Replace(image, NewHash, OldHash);
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        if (!File.Exists(Destination) || !File.ReadAllBytes(Destination).SequenceEqual(image))
        {
            // A fresh file: writing through an existing one could reach another output by its hard link.
            File.Delete(Destination);
            File.WriteAllBytes(Destination, image);
        }

        Ported = true;
        return true;
    }

    /// <summary>Paths from lines such as "libstdc++.so.6 (libc6,x86-64) => /usr/lib/libstdc++.so.6"; none where there is no ldconfig.</summary>
    private string[] KnownToTheLinker()
    {
        try
        {
            var start = new ProcessStartInfo(LdConfig, "-p") { RedirectStandardOutput = true, UseShellExecute = false };
            using (Process list = Process.Start(start))
            {
                string[] lines = list.StandardOutput.ReadToEnd().Split('\n');
                list.WaitForExit();
                return lines.Where(line => line.TrimStart().StartsWith(Library + " ", StringComparison.Ordinal) && line.Contains("x86-64") && line.Contains("=> "))
                    .Select(line => line.Substring(line.IndexOf("=> ", StringComparison.Ordinal) + 3).Trim()).ToArray();
            }
        }
        catch (Win32Exception)
        {
            return new string[0];
        }
    }

    private static int Count(byte[] image, byte[] pattern)
    {
        int count = 0;
        for (int at = IndexOf(image, pattern, 0); at >= 0; at = IndexOf(image, pattern, at + 1))
        {
            count++;
        }

        return count;
    }

    private static void Replace(byte[] image, byte[] pattern, byte[] replacement)
    {
        Array.Copy(replacement, 0, image, IndexOf(image, pattern, 0), replacement.Length);
    }

    private static int IndexOf(byte[] image, byte[] pattern, int from)
    {
        for (int at = Array.IndexOf(image, pattern[0], from); at >= 0 && at <= image.Length - pattern.Length; at = Array.IndexOf(image, pattern[0], at + 1))
        {
            int i = 1;
            while (i < pattern.Length && image[at + i] == pattern[i])
            {
                i++;
            }

            if (i == pattern.Length)
            {
                return at;
            }
        }

        return -1;
    }
}
