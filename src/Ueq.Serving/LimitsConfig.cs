namespace Ueq.Serving;

/// <summary>What the web server takes of one caller: the section <c>limits</c>.</summary>
public sealed record LimitsConfig
{
    /// <summary>Connections at a time: 1 to 10,000,000; <c>null</c>, the default, for as many as the machine can hold. One more is closed.</summary>
    public int? Connections { get; init; }

    /// <summary>Bytes of all headers of a request together: 1 KiB to 1 MiB. Default 16 KiB. More is 431.</summary>
    public int HeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Headers of a request: 8 to 1000. Default 64. More is 431.</summary>
    public int HeaderCount { get; init; } = 64;

    /// <summary>Seconds in which the headers of a request must have arrived: 1 to 3600. Default 30. Later is 408.</summary>
    public int HeaderSeconds { get; init; } = 30;

    /// <summary>Seconds that a connection without a request is kept: 1 to 86,400. Default 130.</summary>
    public int KeepAliveSeconds { get; init; } = 130;

    /// <summary>Requests of one key, or of one subject of tokens, per second: 0.001 to 1,000,000; <c>null</c>, the default, for any number. More are 429.</summary>
    public double? KeyRequestsPerSecond { get; init; }

    /// <summary>Requests of one key that may come at once: 1 to 1,000,000. Default 100.</summary>
    public int KeyBurst { get; init; } = 100;

    /// <summary>Requests per second of one address that shows no key: 0.001 to 1,000,000; <c>null</c>, the default, for any number. More are 429.</summary>
    public double? AddressRequestsPerSecond { get; init; }

    /// <summary>Such requests of one address that may come at once: 1 to 1,000,000. Default 100.</summary>
    public int AddressBurst { get; init; } = 100;
}
