using System.Globalization;

namespace Ueq.Client;

/// <summary>The service did not do what it was asked: address, status, what it said, and the request's number there.</summary>
public sealed class UeqClientException : Exception
{
    internal UeqClientException(string call, Fault fault, int attempts, long? rowsAnswered = null)
        : base(Say(call, fault, attempts, rowsAnswered), fault.Cause)
    {
        Call = call;
        Fault = fault;
        Attempts = attempts;
        RowsAnswered = rowsAnswered;
    }

    /// <summary>Where the last attempt went.</summary>
    public Uri Address => Fault.Address;

    /// <summary>Status of the last answer; <c>null</c> where none came, or none that could be read.</summary>
    public HttpStatusCode? Status => Fault.Status;

    /// <summary>What went wrong, in the service's own words where it had any.</summary>
    public string Error => Fault.Error;

    /// <summary>The number of the request in the service's log; <c>null</c> where none came.</summary>
    public string? RequestId => Fault.RequestId;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Fault.IsTransient;

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; }

    /// <summary>Of a stream: rows that had been answered, in order, before it broke; else <c>null</c>.</summary>
    public long? RowsAnswered { get; }

    private string Call { get; }

    private Fault Fault { get; }

    internal UeqClientException After(long rows) => new(Call, Fault, Attempts, rows);

    private static string Say(string call, Fault fault, int attempts, long? rows)
    {
        string status = fault.Status is { } code ? string.Create(CultureInfo.InvariantCulture, $"status {(int)code}: ") : "";
        string after = (attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $", after {attempts} attempts") : "")
            + (rows is { } answered ? string.Create(CultureInfo.InvariantCulture, $", after {answered} answered rows") : "");
        return $"{call} at {fault.Address}{after}: {status}{fault.Error}{(fault.RequestId is { } id ? $" (request {id})" : "")}";
    }
}
