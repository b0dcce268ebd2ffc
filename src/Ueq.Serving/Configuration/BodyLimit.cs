using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Ueq.Serving.Configuration;

/// <summary>The web server's own limit of a body, which it reads anew with every request.</summary>
internal sealed class BodyLimit(IOptions<KestrelServerOptions> kestrel) : ILiveSetting
{
    public void Apply(UeqServiceConfig config) => kestrel.Value.Limits.MaxRequestBodySize = config.MaxBodyBytes;
}
