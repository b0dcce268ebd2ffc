using System.Net;
using System.Net.Sockets;

namespace Ueq.Cli.Commands;

/// <summary>The addresses a server is to listen on, checked before the host starts and logs failures its own way.</summary>
internal static class Listening
{
    /// <summary>The addresses of an option.</summary>
    public static string[] Parse(string urls)
    {
        string[] addresses = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (addresses.Length == 0) throw new UsageException("--urls: expected one address or more, such as http://127.0.0.1:5000.");
        return addresses;
    }

    /// <summary>Throws if an address is none, or cannot be listened on now.</summary>
    public static void Check(IReadOnlyList<string> addresses)
    {
        foreach (string address in addresses)
        {
            (IPAddress host, int port) = Read(address);
            if (port == 0) continue;
            try
            {
                using TcpListener probe = new(host, port);
                probe.Start();
            }
            catch (SocketException error)
            {
                throw new IOException($"Cannot listen on {address}: {error.Message}. Choose another address with --urls.", error);
            }
        }
    }

    /// <summary>An address that a client on this machine can use, where a server listens on all of them.</summary>
    public static string ForClients(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);

    private static (IPAddress Host, int Port) Read(string address)
    {
        // A listener may be named by a wildcard, which is no legal host of a URI.
        string probe = address.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
        bool isWeb = probe.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || probe.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isWeb || !Uri.TryCreate(probe, UriKind.Absolute, out Uri? uri) || uri.PathAndQuery != "/")
            throw new UsageException($"urls: expected addresses such as http://127.0.0.1:5000, got '{address}'.");
        if (uri.IsLoopback && uri.HostNameType == UriHostNameType.Dns) return (IPAddress.Loopback, uri.Port);
        if (IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? host)) return (host, uri.Port);
        // The web server takes a name for all addresses of the machine, which is more than a person means.
        throw new UsageException($"urls: expected an IP address, localhost or * (all addresses of this machine), got '{uri.Host}' in '{address}'.");
    }
}
