using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.InferenceLog;

/// <summary>Writes answered rows into Parquet files, on a thread of its own.</summary>
/// <remarks>What waits is bounded in bytes; more is dropped and counted. Whatever goes wrong is logged once, and rows are dropped until it is over.</remarks>
internal sealed partial class ParquetLog : IInferenceLog, IHostedService, IDisposable
{
    private const long MostWaiting = 64L << 20;
    private const long RowGroupBytes = 8L << 20;

    // The writer looks for what is due as often, and tries again as long after a failure.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250), Pause = TimeSpan.FromSeconds(5);

    private readonly InferenceLogConfig _config;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LogFolder _folder;
    private readonly object _gate = new();
    private readonly Thread _writer;
    private readonly Dictionary<string, LogFile> _files = [];
    private readonly Dictionary<string, LogTable> _tables = [];
    private Queue<RowPacket> _queue = new();
    private long _waiting, _written, _dropped;
    private DateTimeOffset _pausedUntil;
    private bool _isEnding, _isFailing;

    public ParquetLog(InferenceLogConfig config, TimeProvider time, ILogger<ParquetLog> log)
    {
        _config = config;
        _time = time;
        _log = log;
        _folder = new LogFolder(config);
        _writer = new Thread(Write) { IsBackground = true, Name = "ueq inference log", Priority = ThreadPriority.BelowNormal };
    }

    public void Add(in AnsweredRows rows)
    {
        long bytes = RowPacket.BytesOf(rows);
        // Room is taken before the copy is made: a flood of large requests is not to hold more than the bound.
        if (Interlocked.Add(ref _waiting, bytes) > MostWaiting)
        {
            Interlocked.Add(ref _waiting, -bytes);
            Interlocked.Add(ref _dropped, rows.Predictions.Length);
            return;
        }

        RowPacket packet = new(rows, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        lock (_gate)
        {
            if (!_isEnding)
            {
                _queue.Enqueue(packet);
                return;
            }
        }

        Drop(packet);
    }

    public InferenceLogReading Read() => new(Interlocked.Read(ref _written), Interlocked.Read(ref _dropped));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer.Start();
        return Task.CompletedTask;
    }

    /// <summary>Writes what waits and closes all files.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }

        if (_writer.ThreadState != ThreadState.Unstarted) _writer.Join();
    }

    private void Write()
    {
        Queue<RowPacket> taken = new();
        bool ends = false;
        while (!ends)
        {
            lock (_gate)
            {
                if (!_isEnding) Monitor.Wait(_gate, Look);
                ends = _isEnding;
                (_queue, taken) = (taken, _queue);
            }

            while (taken.TryDequeue(out RowPacket? packet)) Take(packet);
            Rotate(ends);
        }
    }

    private void Take(RowPacket packet)
    {
        if (_pausedUntil > _time.GetUtcNow())
        {
            Drop(packet);
            return;
        }

        string version = packet.Version.Digest;
        try
        {
            if (!_files.TryGetValue(version, out LogFile? file))
            {
                if (!_tables.TryGetValue(version, out LogTable? table)) _tables[version] = table = new LogTable(packet.Version);
                _files[version] = file = new LogFile(_folder, table, packet, _time.GetUtcNow());
            }

            file.Add(packet);
            if (file.Waiting >= RowGroupBytes || Interlocked.Read(ref _waiting) > MostWaiting / 2) WriteRowGroup(file);
            if (file.Bytes + (file.Waiting / 4) >= (long)_config.RotateMegabytes << 20) Close(version, file);
        }
#pragma warning disable CA1031 // Whatever goes wrong here, predictions go on.
        catch (Exception bad)
#pragma warning restore CA1031
        {
            if (!_files.ContainsKey(version)) Drop(packet);
            Fail(version, bad);
        }
    }

    private void WriteRowGroup(LogFile file)
    {
        long bytes = file.Waiting;
        file.WriteRowGroup();
        Interlocked.Add(ref _waiting, -bytes);
    }

    private void Rotate(bool all)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((string version, LogFile file) in _files.ToArray())
        {
            if (!all && now - file.Begun < TimeSpan.FromMinutes(_config.RotateMinutes)) continue;
            try
            {
                Close(version, file);
            }
#pragma warning disable CA1031 // As above.
            catch (Exception bad)
#pragma warning restore CA1031
            {
                Fail(version, bad);
            }
        }
    }

    private void Close(string version, LogFile file)
    {
        long bytes = file.Waiting;
        file.Close();
        _files.Remove(version);
        _tables.Remove(version);
        Interlocked.Add(ref _waiting, -bytes);
        Interlocked.Add(ref _written, file.Rows);
        if (_isFailing) Recovered(_log, _folder.Path);
        _isFailing = false;
        _folder.Prune();
    }

    private void Fail(string version, Exception bad)
    {
        if (_files.Remove(version, out LogFile? file))
        {
            file.Dispose();
            Interlocked.Add(ref _waiting, -file.Waiting);
            Interlocked.Add(ref _dropped, file.Rows);
        }

        _pausedUntil = _time.GetUtcNow() + Pause;
        if (!_isFailing) Failed(_log, bad, _folder.Path);
        _isFailing = true;
    }

    private void Drop(RowPacket packet)
    {
        Interlocked.Add(ref _waiting, -packet.Bytes);
        Interlocked.Add(ref _dropped, packet.Rows);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The inference log in {Folder} cannot be written; its rows are dropped and counted until it can")]
    private static partial void Failed(ILogger log, Exception failure, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "The inference log in {Folder} is written again")]
    private static partial void Recovered(ILogger log, string folder);
}
