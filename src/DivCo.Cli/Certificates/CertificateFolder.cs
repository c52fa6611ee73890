using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DivCo.Cli.Certificates;

/// <summary>PEM files of an authority and what it issued. Keys are readable by their owner alone.</summary>
internal sealed class CertificateFolder(string path)
{
    private const string Authority = "ca";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public bool HasAuthority => File.Exists(PathOf(Authority, "crt"));

    public string PathOf(string name, string ending) => System.IO.Path.Combine(Path, $"{name}.{ending}");

    /// <exception cref="CommandException">Its files are damaged, not of each other, or it has ended.</exception>
    public CertificateAuthority OpenAuthority(DateTimeOffset now)
    {
        var (certificate, key) = (PathOf(Authority, "crt"), PathOf(Authority, "key"));
        try
        {
            var authority = X509Certificate2.CreateFromPemFile(certificate, key);
            return authority.NotAfter.ToUniversalTime() > now.UtcDateTime
                ? new CertificateAuthority(authority)
                : throw new CommandException(ExitCode.Failed, $"{certificate} has ended on {authority.NotAfter.ToUniversalTime():u}; choose another folder for a new one");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FileNotFoundException)
        {
            throw new CommandException(ExitCode.Failed, $"{certificate} and {key}: no certificate authority ({e.Message}); choose another folder for a new one");
        }
    }

    public void WriteAuthority(CertificateAuthority authority) => Write(Authority, authority.Certificate);

    public void Write(string name, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(Path);
        WriteNew(PathOf(name, "key"), Key(certificate), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WriteNew(
            PathOf(name, "crt"),
            certificate.ExportCertificatePem() + "\n",
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static string Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>With its mode from the first byte on; a file of before is replaced whole.</summary>
    private static void WriteNew(string file, string text, UnixFileMode mode)
    {
        var next = file + ".next";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
        }

        File.Move(next, file, overwrite: true);
    }
}
