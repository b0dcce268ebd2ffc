using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Wire;

/// <summary>A request that is answered with an error: the status and the words for the caller.</summary>
internal sealed class RefusalException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static RefusalException BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    public static RefusalException TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);
}
