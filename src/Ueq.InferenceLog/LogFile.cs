using ParquetSharp;
using ParquetSharp.Arrow;

namespace Ueq.InferenceLog;

/// <summary>One file of a version's log while it is written: under a temporary name until it is whole and on the disk.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly LogFolder _folder;
    private readonly LogTable _table;
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly FileWriter _writer;
    private readonly List<RowPacket> _waiting = [];

    public LogFile(LogFolder folder, LogTable table, RowPacket first, DateTimeOffset now)
    {
        _folder = folder;
        _table = table;
        Begun = now;
        _path = folder.NewPath(first.Model, first.Version.Digest, now);
        // No other process may take the file for a left-over: the lock says that somebody still writes it.
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        _stream = new FileStream(_path + LogFolder.Temporary, options);
        try
        {
            using WriterPropertiesBuilder properties = new();
            using WriterProperties snappy = properties.Compression(Compression.Snappy).Build();
            _writer = new FileWriter(_stream, table.Schema, snappy, leaveOpen: true);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public DateTimeOffset Begun { get; }

    /// <summary>Rows that it was given.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes of rows that wait to be written.</summary>
    public long Waiting { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Bytes => _stream.Position;

    public void Add(RowPacket packet)
    {
        _waiting.Add(packet);
        Rows += packet.Rows;
        Waiting += packet.Bytes;
    }

    /// <summary>Writes what waits as a row group.</summary>
    public void WriteRowGroup()
    {
        if (_waiting.Count == 0) return;
        using Apache.Arrow.RecordBatch rows = _table.Make(_waiting);
        _writer.WriteRecordBatch(rows, rows.Length);
        Waiting = 0;
        _waiting.Clear();
    }

    /// <summary>Makes the file whole and lets it be seen.</summary>
    public void Close()
    {
        WriteRowGroup();
        _writer.Close();
        _stream.Flush(flushToDisk: true);
        _writer.Dispose();
        _stream.Dispose();
        File.Move(_path + LogFolder.Temporary, _path);
        _folder.Sync();
    }

    /// <summary>Takes the file away again, after it could not be written.</summary>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
#pragma warning disable CA1031 // It writes its end, which fails where writing has failed.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        try
        {
            _stream.Dispose();
            File.Delete(_path + LogFolder.Temporary);
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException)
        {
        }
    }
}
