# Texts that are hard to write into a properties file come out as expected. Needs no nixpkgs.
let
  inherit (import ../../nixos-modules/lib/properties.nix) render pairs;

  cases = {
    "a plain setting" = {
      settings.tickTime = 2000;
      text = "tickTime=2000\n";
    };
    "no settings" = {
      settings = { };
      text = "";
    };
    "a null drops its line" = {
      settings.gone = null;
      text = "";
    };
    "bools and negative numbers" = {
      settings = {
        a = true;
        b = false;
        c = -1;
      };
      text = "a=true\nb=false\nc=-1\n";
    };
    "a list is joined with commas" = {
      settings = {
        none = [ ];
        some = [
          "a"
          1
          true
        ];
      };
      text = "none=\nsome=a,1,true\n";
    };
    "keys are sorted by their bytes" = {
      settings = {
        b = 1;
        B = 2;
        "b.a" = 3;
        "b-a" = 4;
        "é" = 5;
        "10" = 6;
        "9" = 7;
      };
      text = "10=6\n9=7\nB=2\nb=1\nb-a=4\nb.a=3\n\\u00E9=5\n";
    };
    "keywords of Nix as keys" = {
      settings = {
        "inherit" = "let";
        "rec" = "with";
        "or" = "if";
      };
      text = "inherit=let\nor=if\nrec=with\n";
    };
    "quotes and what looks like Nix" = {
      settings."\${a}" = "\"\${b}\" '' ''\${c} $${d} \$";
      text = "\${a}=\"\${b}\" '' ''\${c} $\${d} $\n";
    };
    "a backslash" = {
      settings."a\\b" = "c\\d\\";
      text = "a\\\\b=c\\\\d\\\\\n";
    };
    "what ends a key" = {
      settings."a b=c:d#e!f" = "a b=c:d#e!f";
      text = "a\\ b\\=c\\:d\\#e\\!f=a b=c:d#e!f\n";
    };
    "blanks around a value" = {
      settings.key = "  two ";
      text = "key=\\  two \n";
    };
    "breaks and tabs" = {
      settings."a\tb\nc" = "\td\ne\r";
      text = "a\\tb\\nc=\\td\\ne\\r\n";
    };
    "controls" = {
      settings.key = builtins.fromJSON ''"\u0001\f\u001f\u007f"'';
      text = "key=\\u0001\\f\\u001F\\u007F\n";
    };
    "the ends of every length of UTF-8" = {
      settings.key = builtins.fromJSON ''"\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff"'';
      text = "key=\\u0080\\u07FF\\u0800\\uD7FF\\uE000\\uFFFF\\uD800\\uDC00\\uDBFF\\uDFFF\n";
    };
    "every plane begins with its own byte" = {
      settings.key = builtins.fromJSON ''"\u1000\u2000\uf000\ud8c0\udc00\ud9c0\udc00\udbc0\udc00"'';
      text = "key=\\u1000\\u2000\\uF000\\uD8C0\\uDC00\\uD9C0\\uDC00\\uDBC0\\uDC00\n";
    };
    "letters of many scripts, and an emoji" = {
      settings."größe" = "漢字 ñ 😀!";
      text = "gr\\u00F6\\u00DFe=\\u6F22\\u5B57 \\u00F1 \\uD83D\\uDE00!\n";
    };
    "a character cut in two is refused" = {
      settings.key = builtins.substring 0 1 "é";
      text = null;
    };
    "a fraction is refused" = {
      settings.key = 0.5;
      text = null;
    };
  };

  test =
    name:
    let
      case = cases.${name};
      got = builtins.tryEval (render case.settings);
      text = if got.success then got.value else null;
    in
    same "properties: ${name}" case.text text;

  same = name: expected: got: {
    inherit name;
    problem =
      if got == expected then
        null
      else
        "expected ${builtins.toJSON expected}, got ${builtins.toJSON got}";
  };

  ofPairs =
    same "properties: settings as pairs"
      [
        "a=1"
        "c=x,y z"
      ]
      (pairs {
        a = 1;
        b = null;
        c = [
          "x"
          "y z"
        ];
      });
in
map test (builtins.attrNames cases) ++ [ ofPairs ]
