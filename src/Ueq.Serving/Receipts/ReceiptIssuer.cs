using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Receipts;

/// <summary>Gives the rows of an answer their receipts.</summary>
internal sealed partial class ReceiptIssuer
{
    private const int Together = 64;

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _unsaid;

    public ReceiptIssuer(UeqServiceConfig config, TimeProvider time, ILogger<ReceiptIssuer> log)
    {
        _time = time;
        Keys = ReceiptKeys.From(config.ReceiptKey, config.PreviousReceiptKeys);
        _log = log;
        _unsaid = config.ReceiptKey is null ? 1 : 0;
    }

    public ReceiptKeys Keys { get; }

    /// <summary>Writes the receipts of some rows as JSON texts with commas between them and counts them.</summary>
    public void Write(ServedModel model, PredictWork work, int start, int end)
    {
        if (_unsaid == 1 && Interlocked.Exchange(ref _unsaid, 0) == 1) KeyDies(_log);
        DateTimeOffset now = _time.GetUtcNow();
        ReceiptHead head = new(model.DigestBytes, now.ToUnixTimeMilliseconds(), work.Coverage, model.Classes);
        Span<byte> ids = stackalloc byte[Together * ReceiptText.IdBytes];
        int words = LabelSet.WordsFor(model.Classes), room = System.Buffers.Text.Base64Url.GetEncodedLength(ReceiptText.Room(model.Classes));
        JsonBytes json = work.Json;
        for (int row = start; row < end; row++)
        {
            int place = (row - start) % Together;
            if (place == 0) RandomNumberGenerator.Fill(ids);
            if (row > start) json.Raw(","u8);
            json.Raw("\""u8);
            int written = ReceiptText.Write(
                Keys, head, ids.Slice(place * ReceiptText.IdBytes, ReceiptText.IdBytes), work.Predictions.Span(work.Rows)[row],
                model.Classes == 0 ? work.Intervals.Span(work.Rows)[row] : default,
                model.Classes == 0 ? default : work.Sets.Span(work.Rows * words).Slice(row * words, words),
                work.Groups.Of(row), json.GetSpan(room));
            json.Advance(written);
            json.Raw("\""u8);
        }

        model.Coverage.Receipts.Add(end - start, now);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No receipt_key is configured: receipts are signed with a random key, and those issued so far are refused once this process ends, and by its replicas")]
    private static partial void KeyDies(ILogger log);
}
