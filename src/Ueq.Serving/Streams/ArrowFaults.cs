namespace Ueq.Serving.Streams;

/// <summary>What is wrong with the rows of a batch: the first thing of each.</summary>
internal sealed class ArrowFaults
{
    /// <summary>What stands for the words where a batch has had more than enough of them, since words of a million rows take more memory than the rows.</summary>
    public const string Unsaid = "not a row; the first 1000 errors of its batch say why";

    private const int MostSaid = 1000;

    private string?[] _of = [];
    private int _rows, _said;

    public bool Any { get; private set; }

    /// <summary>What is wrong with a row; <c>null</c> when nothing is.</summary>
    public string? Of(int row) => Any ? _of[row] : null;

    public void Begin(int rows)
    {
        if (Any) Array.Clear(_of);
        Any = false;
        _rows = rows;
        _said = 0;
    }

    public void Add(int row, string? name, string expected, string got)
    {
        if (_of.Length < _rows) _of = new string?[_rows];
        Any = true;
        if (_of[row] is not null) return;
        _of[row] = _said++ >= MostSaid ? Unsaid : $"{(name is null ? "" : $"column \"{name}\": ")}expected {expected}, got {got}";
    }
}
