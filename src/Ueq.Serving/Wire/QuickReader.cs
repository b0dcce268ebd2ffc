using System.Globalization;

namespace Ueq.Serving.Wire;

/// <summary>Reads the bodies that nearly everybody sends: numeric rows and the usual options, correctly spelt.</summary>
/// <remarks>
/// It accepts a part of what <see cref="PredictReader"/> accepts, reads that part as the same, and knows no errors: whatever it
/// does not accept is read again by the careful reader, which then has the last word. It is three times as fast per number.
/// </remarks>
internal ref struct QuickReader(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;

    public bool TryRead(int width, int maxRows, PredictWork work)
    {
        if (!Take((byte)'{')) return false;
        int seen = 0;
        do
        {
            int key;
            if (TakeText("\"X\""u8)) key = 1;
            else if (TakeText("\"return_uncertainty\""u8)) key = 2;
            else if (TakeText("\"monitor\""u8)) key = 4;
            else if (TakeText("\"coverage\""u8)) key = 8;
            else if (TakeText("\"receipts\""u8)) key = 16;
            else if (TakeText("\"user_id\""u8)) key = 32;
            else return false;

            if ((seen & key) != 0 || !Take((byte)':')) return false;
            seen |= key;
            bool read = key switch
            {
                1 => TryReadRows(width, maxRows, work),
                8 => TryReadCoverage(work),
                32 => TryReadUser(work),
                _ => TryReadFlag(key, work),
            };
            if (!read) return false;
        }
        while (Take((byte)','));

        if (!Take((byte)'}') || (seen & 1) == 0) return false;
        SkipSpace();
        return _at == _body.Length;
    }

    private bool TryReadRows(int width, int maxRows, PredictWork work)
    {
        if (!Take((byte)'[')) return false;
        int rows = 0;
        do
        {
            if (rows == maxRows || (rows + 1L) * width > PredictReader.MostFeatures || !Take((byte)'[')) return false;
            work.Features.Reserve((rows + 1) * width);
            Span<float> row = work.Features.Span((rows + 1) * width)[(rows * width)..];
            if (!TryReadRow(row)) return false;
            if (!Take((byte)']')) return false;
            rows++;
        }
        while (Take((byte)','));

        work.Rows = rows;
        return Take((byte)']');
    }

    private bool TryReadRow(Span<float> row)
    {
        ReadOnlySpan<byte> body = _body;
        int at = _at;
        for (int i = 0; i < row.Length; i++)
        {
            if (i > 0)
            {
                at = AfterSpace(body, at);
                if ((uint)at >= (uint)body.Length || body[at] != ',') return false;
                at++;
            }

            at = ReadNumber(body, AfterSpace(body, at), out row[i]);
            if (at < 0) return false;
        }

        _at = at;
        return true;
    }

    // Returns the place after the number, or −1. The place is no field and no reference, so that it stays in a register.
    private static int ReadNumber(ReadOnlySpan<byte> body, int at, out float value)
    {
        value = 0;
        bool negative = (uint)at < (uint)body.Length && body[at] == '-';
        if (negative) at++;
        int start = at;
        ulong digits = 0;
        uint digit;
        for (; (uint)at < (uint)body.Length && (digit = (uint)(body[at] - '0')) <= 9; at++) digits = digits * 10 + digit;
        int count = at - start, power = 0;
        if (count == 0 || (count > 1 && body[start] == '0')) return -1;
        if ((uint)at < (uint)body.Length && body[at] == '.')
        {
            int point = ++at;
            for (; (uint)at < (uint)body.Length && (digit = (uint)(body[at] - '0')) <= 9; at++) digits = digits * 10 + digit;
            power = point - at;
            if (power == 0) return -1;
            count -= power;
        }

        if (count > FloatText.MostDigits) return -1;
        if ((uint)at < (uint)body.Length && (body[at] | 0x20) == 'e')
        {
            (at, int exponent) = ReadExponent(body, at + 1);
            power += exponent;
        }

        return FloatText.TryScale(digits, power, negative, out value) ? at : -1;
    }

    private static (int At, int Exponent) ReadExponent(ReadOnlySpan<byte> body, int at)
    {
        bool negative = at < body.Length && body[at] == '-';
        if (at < body.Length && body[at] is (byte)'-' or (byte)'+') at++;
        int start = at, exponent = 0;
        for (; at < body.Length && (uint)(body[at] - '0') <= 9 && at - start < 3; at++) exponent = exponent * 10 + (body[at] - '0');
        return at - start is 1 or 2 ? (at, negative ? -exponent : exponent) : (-1, 0);
    }

    private bool TryReadFlag(int key, PredictWork work)
    {
        SkipSpace();
        bool value;
        if (TakeText("true"u8)) value = true;
        else if (TakeText("false"u8)) value = false;
        else return false;
        if (key == 2) work.WantsUncertainty = value;
        else if (key == 4) work.WantsMonitoring = value;
        else work.WantsReceipts = value;
        return true;
    }

    private bool TryReadUser(PredictWork work)
    {
        if (!Take((byte)'"')) return false;
        ReadOnlySpan<byte> rest = _body[_at..];
        int end = rest.IndexOf((byte)'"');
        // What is escaped, or more than plain ASCII, is looked at carefully.
        if (end <= 0 || rest[..end].IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0 || rest[..end].Contains((byte)'\\') || !work.TrySetUser(rest[..end])) return false;
        _at += end + 1;
        return true;
    }

    private bool TryReadCoverage(PredictWork work)
    {
        SkipSpace();
        int start = _at;
        _at = ReadNumber(_body, start, out _);
        if (_at < 0) return false;
        double level = double.Parse(_body[start.._at], NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!Coverage.IsLevel(level)) return false;
        work.Coverage = new Coverage(level);
        return true;
    }

    private bool Take(byte token)
    {
        SkipSpace();
        if ((uint)_at >= (uint)_body.Length || _body[_at] != token) return false;
        _at++;
        return true;
    }

    private bool TakeText(ReadOnlySpan<byte> text)
    {
        SkipSpace();
        if (!_body[_at..].StartsWith(text)) return false;
        _at += text.Length;
        return true;
    }

    private void SkipSpace() => _at = AfterSpace(_body, _at);

    private static int AfterSpace(ReadOnlySpan<byte> body, int at)
    {
        while ((uint)at < (uint)body.Length && body[at] <= ' ' && body[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at;
    }
}
