using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Ueq.Serving.Inference.Rpc;

/// <summary>How gRPC is hosted: only where the configuration has an address that can speak it.</summary>
internal static class RpcHosting
{
    public static bool IsWanted(UeqServiceConfig config) => config.GrpcUrls.Count > 0 || config.Urls.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    public static void Add(IServiceCollection services, UeqServiceConfig config)
    {
        if (!IsWanted(config)) return;
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = config.MaxBodyBytes;
            options.MaxSendMessageSize = null;
        });
        services.AddSingleton<InferenceService>();
    }

    public static void Map(IEndpointRouteBuilder endpoints, UeqServiceConfig config)
    {
        if (IsWanted(config)) endpoints.MapGrpcService<InferenceService>();
    }

    /// <summary>Has the addresses for gRPC speak HTTP/2 from the first byte: without TLS, a client and a server cannot agree on it.</summary>
    public static void Listen(KestrelServerOptions kestrel, UeqServiceConfig config)
    {
        if (config.GrpcUrls.Count == 0) return;

        // Listeners come in the order of the addresses; several may ask for any free port.
        List<(int Port, string Address, bool IsGrpc)> expected = [.. config.Urls.Select(url => Of(url, false)), .. config.GrpcUrls.Select(url => Of(url, true))];
        kestrel.ConfigureEndpointDefaults(listener =>
        {
            int place = listener.EndPoint is IPEndPoint at ? expected.FindIndex(e => e.Port == at.Port && MayBe(e.Address, at.Address)) : -1;
            if (place < 0) return;
            if (expected[place].IsGrpc) listener.Protocols = HttpProtocols.Http2;
            expected.RemoveAt(place);
        });
    }

    private static (int Port, string Address, bool IsGrpc) Of(string url, bool isGrpc)
    {
        BindingAddress address = BindingAddress.Parse(url);
        return (address.Port, address.Host, isGrpc);
    }

    // Names and wildcards become addresses that the listener chooses.
    private static bool MayBe(string host, IPAddress address) => !IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? named) || named.Equals(address);
}
