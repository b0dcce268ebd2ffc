using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Receipts;

/// <summary>Gives the rows of an answer their receipts.</summary>
internal sealed partial class ReceiptIssuer : ILiveSetting
{
    private const int Together = 64;

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile ReceiptKeys _keys;
    private IReadOnlyList<string> _previous;
    private string? _key;
    private int _unsaid;

    public ReceiptIssuer(UeqServiceConfig config, TimeProvider time, ILogger<ReceiptIssuer> log)
    {
        _time = time;
        _key = KeyOf(config);
        _previous = config.PreviousReceiptKeys;
        _keys = ReceiptKeys.From(_key, _previous);
        _log = log;
        _unsaid = _key is null ? 1 : 0;
    }

    /// <summary>The keys of this moment; they never change themselves.</summary>
    public ReceiptKeys Keys => _keys;

    /// <summary>Writes the receipts of some rows as JSON texts with commas between them and counts them.</summary>
    public void Write(ServedModel model, PredictWork work, int start, int end) => Write(model, work, start, end, default);

    /// <summary>Writes the receipts of all rows one behind the other and counts them.</summary>
    /// <param name="model">The model that answered.</param>
    /// <param name="work">The answers; receives the texts.</param>
    /// <param name="ends">Receives per row where its receipt ends.</param>
    public void WriteBare(ServedModel model, PredictWork work, Span<int> ends) => Write(model, work, 0, ends.Length, ends);

    private void Write(ServedModel model, PredictWork work, int start, int end, Span<int> ends)
    {
        if (_unsaid == 1 && Interlocked.Exchange(ref _unsaid, 0) == 1) KeyDies(_log);
        DateTimeOffset now = _time.GetUtcNow();
        ReceiptHead head = new(model.DigestBytes, now.ToUnixTimeMilliseconds(), work.Coverage, model.Classes)
        {
            Arm = work.Arm is null ? default : work.Arm.Receipted,
            Shadow = work.Arm?.Shadow is null ? ArmShadow.None : ArmShadow.Waits,
            Online = work.Level,
            Bucket = work.Lot.Bucket,
        };
        Span<byte> ids = stackalloc byte[Together * ReceiptText.IdBytes];
        int words = LabelSet.WordsFor(model.Classes), room = System.Buffers.Text.Base64Url.GetEncodedLength(ReceiptText.Room(model.Classes));
        JsonBytes json = work.Json;
        ReceiptKeys keys = Keys;
        bool isJson = ends.IsEmpty;
        for (int row = start; row < end; row++)
        {
            int place = (row - start) % Together;
            if (place == 0) RandomNumberGenerator.Fill(ids);
            if (isJson) json.Raw(row > start ? ",\""u8 : "\""u8);
            int written = ReceiptText.Write(
                keys, head, ids.Slice(place * ReceiptText.IdBytes, ReceiptText.IdBytes), work.Predictions.Span(work.Rows)[row],
                model.Classes == 0 ? work.Intervals.Span(work.Rows)[row] : default,
                model.Classes == 0 ? default : work.Sets.Span(work.Rows * words).Slice(row * words, words),
                work.Groups.Of(row), json.GetSpan(room));
            json.Advance(written);
            if (head.Shadow == ArmShadow.Waits) work.Identified.Add((row, new Guid(ids.Slice(place * ReceiptText.IdBytes, ReceiptText.IdBytes), bigEndian: true)));
            if (isJson) json.Raw("\""u8);
            else ends[row] = json.Length;
        }

        model.Coverage.Receipts.Add(end - start, now);
    }

    public void Apply(UeqServiceConfig config)
    {
        string? key = KeyOf(config);
        // A random key is drawn once: the receipts it signed are to be believed while the process lives.
        if (key == _key && config.PreviousReceiptKeys.SequenceEqual(_previous)) return;
        _keys = ReceiptKeys.From(key, config.PreviousReceiptKeys);
        _key = key;
        _previous = config.PreviousReceiptKeys;
    }

    private static string? KeyOf(UeqServiceConfig config) => config.ReceiptKeyFile is { } file ? SecretFile.Read(file) : config.ReceiptKey;

    [LoggerMessage(Level = LogLevel.Warning, Message = "No receipt_key is configured: receipts are signed with a random key, and those issued so far are refused once this process ends, and by its replicas")]
    private static partial void KeyDies(ILogger log);
}
