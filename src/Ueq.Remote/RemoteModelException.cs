using System.Globalization;
using System.Net;

namespace Ueq.Remote;

/// <summary>A remote model could not be asked: address, model, status, what the server said, and the rows of the request.</summary>
public sealed class RemoteModelException : ModelUnavailableException
{
    internal RemoteModelException(Uri address, string model, HttpStatusCode? status, (int First, int Count)? rows, string said, Exception? cause)
        : base(Say(address, model, status, rows, said), cause)
    {
        Address = address;
        Model = model;
        Status = status;
        FirstRow = rows?.First;
        RowCount = rows?.Count;
    }

    /// <summary>Where the request went.</summary>
    public Uri Address { get; }

    /// <summary>Name of the model.</summary>
    public string Model { get; }

    /// <summary>Status of the last answer; <c>null</c> where none came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>First row of the request; <c>null</c> where it carried no rows.</summary>
    public int? FirstRow { get; }

    /// <summary>Number of rows of the request; <c>null</c> where it carried no rows.</summary>
    public int? RowCount { get; }

    private static string Say(Uri address, string model, HttpStatusCode? status, (int First, int Count)? rows, string said)
    {
        string place = rows is (int first, int count) ? string.Create(CultureInfo.InvariantCulture, $", rows {first} to {first + count - 1}") : "";
        string answer = status is { } code ? string.Create(CultureInfo.InvariantCulture, $"status {(int)code}") : "no answer";
        return $"The model '{model}' at {address}{place}: {answer}{(said.Length > 0 ? $": {said}" : "")}";
    }
}
