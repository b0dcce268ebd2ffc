using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ueq.Serving.Configuration;

namespace Ueq.Serving.Tests.Security;

/// <summary>TLS over real sockets, with certificates made here.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-tls-").FullName;

    private string Certificate => Path.Combine(_folder, "cert.pem");

    private string Key => Path.Combine(_folder, "key.pem");

    [Fact]
    public async Task ANewCertificateIsShownWithoutARestart()
    {
        string first = Make("first"), file = Path.Combine(_folder, "c.yaml");
        File.WriteAllText(file, $"urls: https://127.0.0.1:0\ntls:\n  certificate: {Certificate}\n  key: {Key}\n");
        ConfigSource source = new(file, [], []);
        await using Server server = await Server.Start(Fakes.Sum(), source.Read().Config, null, source);
        using HttpClient client = Trusting(server.Address);
        Assert.Equal(first, await Shown(server, SslProtocols.None));
        Assert.Equal(first, await Shown(server, SslProtocols.Tls12));
        Assert.Equal(first, await Shown(server, SslProtocols.Tls13));
        using HttpResponseMessage answer = await client.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(200, (int)answer.StatusCode);
        string second = Make("second");
        long limit = Environment.TickCount64 + 20_000;
        while (await Shown(server, SslProtocols.None) != second) Assert.True(Environment.TickCount64 < limit, "the new certificate is not shown");
        // Files that do not belong together leave the old one in place.
        File.WriteAllText(Key, RSA.Create(2048).ExportPkcs8PrivateKeyPem());
        while (!(await client.GetStringAsync(new Uri("/health", UriKind.Relative))).Contains("\"refused\"", StringComparison.Ordinal)) Assert.True(Environment.TickCount64 < limit, "nothing was refused");
        Assert.Equal(second, await Shown(server, SslProtocols.None));
    }

    [Fact]
    public async Task APfxFileWithAPasswordServesToo()
    {
        using X509Certificate2 made = SelfSigned("pfx");
        string pfx = Path.Combine(_folder, "c.pfx"), password = Path.Combine(_folder, "password");
        File.WriteAllBytes(pfx, made.Export(X509ContentType.Pkcs12, "s3cret"));
        File.WriteAllText(password, "s3cret\n");
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Urls = ["https://127.0.0.1:0"], Tls = new TlsConfig { Certificate = pfx, PasswordFile = password } });
        Assert.Equal(made.Thumbprint, await Shown(server, SslProtocols.None));
        File.WriteAllText(password, "wrong");
        ArgumentException bad = await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { Tls = new TlsConfig { Certificate = pfx, PasswordFile = password } }));
        Assert.Contains("tls.certificate", bad.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpsWithoutACertificateAndPlainHttpOnTlsAreRefused()
    {
        ArgumentException bad = await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { Urls = ["https://127.0.0.1:0"] }));
        Assert.Contains("tls.certificate", bad.Message, StringComparison.Ordinal);
        Make("plain");
        bad = await Assert.ThrowsAsync<ArgumentException>(() => Server.Start(Fakes.Sum(), new UeqServiceConfig { Tls = new TlsConfig { Certificate = Certificate } }));
        Assert.Contains("expected tls.key beside a certificate in PEM, got none", bad.Message, StringComparison.Ordinal);
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Urls = ["https://127.0.0.1:0"], Tls = new TlsConfig { Certificate = Certificate, Key = Key } });
        Assert.DoesNotContain("HTTP/1.1 200", await server.Raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static X509Certificate2 SelfSigned(string name)
    {
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
    }

    private static HttpClient Trusting(Uri address)
    {
        HttpClientHandler handler = new() { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        return new HttpClient(handler) { BaseAddress = address };
    }

    private static async Task<string> Shown(Server server, SslProtocols protocols)
    {
        using TcpClient tcp = new(server.Address.Host, server.Address.Port);
        await using SslStream tls = new(tcp.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocols });
        return new X509Certificate2(tls.RemoteCertificate!).Thumbprint;
    }

    private string Make(string name)
    {
        using X509Certificate2 made = SelfSigned(name);
        File.WriteAllText(Key, made.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, made.ExportCertificatePem());
        return made.Thumbprint;
    }
}
