using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Ueq.Serving.Security;

/// <summary>The certificate that new connections are shown; it can be exchanged while others run.</summary>
internal sealed class Certificates(TlsConfig config) : ILiveSetting
{
    private volatile SslStreamCertificateContext _current = Load(config);

    /// <summary>Lets every new connection have the certificate of its moment, with those that lead to its authority.</summary>
    public void Use(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ServerCertificateSelector = (_, _) => _current.TargetCertificate;
        https.OnAuthenticate = (_, options) =>
        {
            options.ServerCertificateSelectionCallback = null;
            options.ServerCertificateContext = _current;
        };
    }

    public void Apply(UeqServiceConfig config)
    {
        // The files may have changed where the configuration has not.
        if (config.Tls.Certificate is not null) _current = Load(config.Tls);
    }

    /// <summary>What is wrong with the files; <c>null</c> when nothing is.</summary>
    public static string? Fault(TlsConfig config)
    {
        string?[] files = [config.Certificate, config.Key, config.PasswordFile];
        if (files.OfType<string>().FirstOrDefault(file => !File.Exists(file)) is { } missing) return $"there is no file {missing}";
        try
        {
            if (config.Key is null && File.ReadAllText(config.Certificate!).Contains("-----BEGIN CERTIFICATE", StringComparison.Ordinal))
                return "expected tls.key beside a certificate in PEM, got none";
            Load(config);
            return null;
        }
        catch (Exception bad) when (bad is CryptographicException or IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            return $"expected a certificate and its private key, got files that cannot be read as such: {bad.Message}";
        }
    }

    /// <summary>When the certificate ends.</summary>
    public static DateTimeOffset End(TlsConfig config) => Load(config).TargetCertificate.NotAfter;

    private static SslStreamCertificateContext Load(TlsConfig config)
    {
        string file = config.Certificate!;
        string? password = config.PasswordFile is { } secret ? SecretFile.Read(secret) : null;
        X509Certificate2Collection chain = [];
        X509Certificate2 own;
        if (config.Key is { } key)
        {
            own = password is null ? X509Certificate2.CreateFromPemFile(file, key) : X509Certificate2.CreateFromEncryptedPemFile(file, password, key);
            chain.ImportFromPemFile(file);
        }
        else
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password));
            own = chain.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new InvalidDataException("there is no private key in it");
        }

        // Windows serves no key that was never in a store.
        if (OperatingSystem.IsWindows()) own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }
}
