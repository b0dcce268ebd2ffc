using System.Buffers;
using System.Text;
using System.Text.Unicode;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace Ueq.Serving.Configuration;

/// <summary>Configuration as YAML.</summary>
internal static class ConfigYaml
{
    // A setting nests three deep; what reads the tree follows it by the stack.
    private const int MostNested = 32;

    /// <summary>Reads a file over what a draft has already; whatever is wrong is among its faults.</summary>
    public static void Read(byte[] bytes, string file, ConfigDraft draft)
    {
        // An editor that writes UTF-16 says so in the first two bytes.
        bool isWide = bytes.AsSpan().StartsWith<byte>([0xFF, 0xFE]) || bytes.AsSpan().StartsWith<byte>([0xFE, 0xFF]);
        if (!isWide && InvalidLine(bytes) is > 0 and var line)
        {
            draft.Fault($"{file}:{line}: expected UTF-8, got other bytes");
            return;
        }

        using StreamReader reader = new(new MemoryStream(bytes));
        string text = reader.ReadToEnd();
        YamlStream yaml = new();
        try
        {
            if (TooDeep(text) is { } place)
            {
                draft.Fault($"{Place(file, place)}: expected keys and values, got something nested more than {MostNested} deep");
                return;
            }

            yaml.Load(new StringReader(text));
        }
        catch (YamlException bad)
        {
            draft.Fault($"{Place(file, bad.Start)}: {bad.Message}");
            return;
        }

        if (yaml.Documents.Count == 0) return;
        if (yaml.Documents.Count > 1) draft.Fault($"{Place(file, yaml.Documents[1].RootNode.Start)}: expected one document, got another");
        else if (yaml.Documents[0].RootNode is YamlMappingNode root) Section(root, "", file, draft);
        else draft.Fault($"{Place(file, yaml.Documents[0].RootNode.Start)}: expected keys and values, such as batch_size: 1000");
    }

    public static void Write(UeqServiceConfig config, TextWriter text) => Write(config, text, ConfigKey.All);

    public static void Write(UeqServiceConfig config, TextWriter text, IReadOnlyList<ConfigKey> keys)
    {
        Emitter yaml = new(text);
        yaml.Emit(new StreamStart());
        yaml.Emit(new DocumentStart());
        Section(yaml, config, "", [.. keys]);
        yaml.Emit(new DocumentEnd(true));
        yaml.Emit(new StreamEnd());
    }

    // The line of the first byte that is no UTF-8, from 1; 0 when there is none.
    private static int InvalidLine(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        if (Utf8.IsValid(bytes)) return 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int used) == OperationStatus.Done) at += used;
        return 1 + bytes[..at].Count((byte)'\n');
    }

    private static Mark? TooDeep(string text)
    {
        Parser parser = new(new StringReader(text));
        // The stream and its document are a step each.
        for (int depth = -2; parser.MoveNext(); depth += parser.Current!.NestingIncrease)
            if (depth > MostNested) return parser.Current!.Start;
        return null;
    }

    private static void Section(YamlMappingNode map, string section, string file, ConfigDraft draft)
    {
        foreach ((YamlNode name, YamlNode value) in map.Children)
        {
            if (name is not YamlScalarNode { Value: { } word })
            {
                draft.Fault($"{Place(file, name.Start)}: expected a key");
                continue;
            }

            string key = section + word;
            if (ConfigKey.Find(key) is { } known) Set(known, value, file, draft);
            else if (!ConfigKey.IsSection(key)) draft.Fault($"{Place(file, name.Start)}: {ConfigKey.Unknown(key)}");
            else if (value is YamlMappingNode inner) Section(inner, key + ".", file, draft);
            else if (value is not YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" })
                draft.Fault($"{Place(file, value.Start)}: {key}: expected keys and values, such as {ConfigKey.FirstOf(key)}: …");
        }
    }

    private static void Set(ConfigKey key, YamlNode node, string file, ConfigDraft draft)
    {
        // A key may be written as one word with dots, or in its sections.
        if (draft.OriginOf(key.Name) == ConfigOrigin.File)
        {
            draft.Fault($"{Place(file, node.Start)}: {key.Name}: expected the key once, got it twice ({draft.PlaceOf(key.Name)})");
            return;
        }

        ConfigValue value;
        try
        {
            value = Value(node, file);
        }
        catch (InvalidDataException bad)
        {
            draft.Fault(bad.Message);
            return;
        }

        draft.Set(key, value, ConfigOrigin.File, entry => Place(file, entry is null ? node.Start : Entry(node, entry)));
    }

    // Of a list of mappings: the number of the mapping and, behind a slash, a key of it.
    private static Mark Entry(YamlNode node, string entry)
    {
        if (node is YamlMappingNode map) return Key(map, entry);
        string[] path = entry.Split('/', 2);
        YamlNode part = ((YamlSequenceNode)node).Children[int.Parse(path[0], System.Globalization.CultureInfo.InvariantCulture)];
        return path.Length == 1 ? part.Start : Key((YamlMappingNode)part, path[1]);
    }

    private static Mark Key(YamlMappingNode map, string name) => map.Children.First(entry => ((YamlScalarNode)entry.Key).Value == name).Value.Start;

    // Keys of one section stand together in the table, and so in the file.
    private static void Section(Emitter yaml, UeqServiceConfig config, string section, ConfigKey[] keys)
    {
        yaml.Emit(new MappingStart());
        for (int i = 0; i < keys.Length;)
        {
            string rest = keys[i].Name[section.Length..];
            int dot = rest.IndexOf('.', StringComparison.Ordinal);
            yaml.Emit(new YamlScalar(dot < 0 ? rest : rest[..dot]));
            if (dot < 0)
            {
                Write(yaml, keys[i++].Write(config));
                continue;
            }

            string inner = section + rest[..(dot + 1)];
            ConfigKey[] together = [.. keys.Skip(i).TakeWhile(key => key.Name.StartsWith(inner, StringComparison.Ordinal))];
            Section(yaml, config, inner, together);
            i += together.Length;
        }

        yaml.Emit(new MappingEnd());
    }

    private static void Write(Emitter yaml, ConfigValue value)
    {
        if (value.Entries is { } entries)
        {
            yaml.Emit(new MappingStart());
            foreach ((string name, string text) in entries)
            {
                yaml.Emit(new YamlScalar(name));
                yaml.Emit(new YamlScalar(text));
            }

            yaml.Emit(new MappingEnd());
        }
        else if (value.Parts is { } parts)
        {
            yaml.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, SequenceStyle.Block));
            foreach (IReadOnlyDictionary<string, ConfigValue> part in parts)
            {
                yaml.Emit(new MappingStart());
                foreach ((string name, ConfigValue inner) in part)
                {
                    yaml.Emit(new YamlScalar(name));
                    Write(yaml, inner);
                }

                yaml.Emit(new MappingEnd());
            }

            yaml.Emit(new SequenceEnd());
        }
        else if (value.Items is { } items)
        {
            yaml.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, SequenceStyle.Block));
            foreach (string text in items) yaml.Emit(Quoted(text));
            yaml.Emit(new SequenceEnd());
        }
        else
        {
            yaml.Emit(value.IsNull ? new YamlScalar("null") : value.IsQuoted ? Quoted(value.Text!) : new YamlScalar(value.Text!));
        }
    }

    private static YamlScalar Quoted(string text) => new(AnchorName.Empty, TagName.Empty, text, ScalarStyle.DoubleQuoted, false, true);

    private static ConfigValue Value(YamlNode node, string file) => node switch
    {
        YamlScalarNode scalar => new() { Text = scalar.Value, IsQuoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) },
        YamlSequenceNode { Children: [YamlMappingNode, ..] } parts => new() { Parts = [.. parts.Children.Select(part => Part(part, file))] },
        YamlSequenceNode list => new() { Items = [.. list.Children.Select(item => Scalar(item, file, "a text"))] },
        YamlMappingNode map => new()
        {
            Entries = map.Children.ToDictionary(e => Scalar(e.Key, file, "a name"), e => Scalar(e.Value, file, "a number or a text"), StringComparer.Ordinal),
        },
        _ => throw Bad(file, node.Start, "expected a value"),
    };

    private static Dictionary<string, ConfigValue> Part(YamlNode node, string file) => node is YamlMappingNode map
        ? map.Children.ToDictionary(e => Scalar(e.Key, file, "a name"), e => Value(e.Value, file), StringComparer.Ordinal)
        : throw Bad(file, node.Start, "expected keys and values, as in the list's first");

    private static string Scalar(YamlNode node, string file, string expected) =>
        (node as YamlScalarNode)?.Value ?? throw Bad(file, node.Start, $"expected {expected}");

    private static string Place(string file, Mark place) => $"{file}:{place.Line}";

    private static InvalidDataException Bad(string file, Mark place, string what) => new($"{Place(file, place)}: {what}");
}
