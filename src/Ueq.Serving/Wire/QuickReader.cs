using System.Globalization;

namespace Ueq.Serving;

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
            else return false;

            if ((seen & key) != 0 || !Take((byte)':')) return false;
            seen |= key;
            bool read = key switch
            {
                1 => TryReadRows(width, maxRows, work),
                8 => TryReadCoverage(work),
                _ => TryReadFlag(key == 2, work),
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
            for (int i = 0; i < row.Length; i++)
            {
                if (i > 0 && !Take((byte)',')) return false;
                SkipSpace();
                if (!TryReadNumber(out row[i])) return false;
            }

            if (!Take((byte)']')) return false;
            rows++;
        }
        while (Take((byte)','));

        work.Rows = rows;
        return Take((byte)']');
    }

    private bool TryReadNumber(out float value)
    {
        value = 0;
        ReadOnlySpan<byte> body = _body;
        int at = _at;
        bool negative = at < body.Length && body[at] == '-';
        if (negative) at++;
        int start = at;
        ulong digits = TakeDigits(body, ref at, 0);
        int count = at - start, power = 0;
        if (count == 0 || (count > 1 && body[start] == '0')) return false;
        if (at < body.Length && body[at] == '.')
        {
            int point = ++at;
            digits = TakeDigits(body, ref at, digits);
            power = point - at;
            if (power == 0) return false;
            count -= power;
        }

        if (count > FloatText.MostDigits) return false;
        if (at < body.Length && (body[at] | 0x20) == 'e' && !TryReadExponent(body, ref at, ref power)) return false;
        _at = at;
        return FloatText.TryScale(digits, power, negative, out value);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> body, ref int at, ref int power)
    {
        at++;
        bool negative = at < body.Length && body[at] == '-';
        if (at < body.Length && body[at] is (byte)'-' or (byte)'+') at++;
        int start = at;
        int exponent = (int)TakeDigits(body, ref at, 0);
        power += negative ? -exponent : exponent;
        return at - start is 1 or 2;
    }

    private static ulong TakeDigits(ReadOnlySpan<byte> body, ref int at, ulong digits)
    {
        int i = at;
        for (uint digit; (uint)i < (uint)body.Length && (digit = (uint)(body[i] - '0')) <= 9; i++) digits = digits * 10 + digit;
        at = i;
        return digits;
    }

    private bool TryReadFlag(bool uncertainty, PredictWork work)
    {
        SkipSpace();
        bool value;
        if (TakeText("true"u8)) value = true;
        else if (TakeText("false"u8)) value = false;
        else return false;
        if (uncertainty) work.WantsUncertainty = value;
        else work.WantsMonitoring = value;
        return true;
    }

    private bool TryReadCoverage(PredictWork work)
    {
        SkipSpace();
        int start = _at;
        if (!TryReadNumber(out _)) return false;
        double level = double.Parse(_body[start.._at], NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!(level > 0 && level < 1)) return false;
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

    private void SkipSpace()
    {
        ReadOnlySpan<byte> body = _body;
        int at = _at;
        while ((uint)at < (uint)body.Length && body[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        _at = at;
    }
}
