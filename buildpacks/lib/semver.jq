# npm's version ranges. Input: lines of versions; $range, $prefer; output: the version to take, or
# nothing. The preferred version wins where the range allows it, otherwise the newest that fits.

# "20.x" becomes [20, null, null].
def partial:
  gsub("^[v=\\s]+"; "") | sub("[-+].*$"; "") | split(".")
  | map(if test("^[0-9]+$") then tonumber else null end)
  | (. + [null, null, null])[0:3];

def lowest: map(. // 0);

# The first version that is above all that the partial one stands for.
def above:
  if .[0] == null then [1000000, 0, 0]
  elif .[1] == null then [.[0] + 1, 0, 0]
  elif .[2] == null then [.[0], .[1] + 1, 0]
  else [.[0], .[1], .[2] + 1] end;

def caret_end:
  if .[0] == null then [1000000, 0, 0]
  elif .[0] > 0 or .[1] == null then [.[0] + 1, 0, 0]
  elif .[1] > 0 or .[2] == null then [0, .[1] + 1, 0]
  else [0, 0, .[2] + 1] end;

def tilde_end: if .[1] == null then above else [.[0], .[1] + 1, 0] end;

def allows($v):
  capture("^(?<op>\\^|~>?|>=|<=|>|<|=)?(?<rest>.*)$") as $c
  | ($c.rest | partial) as $p
  | if $c.op == ">=" then $v >= ($p | lowest)
    elif $c.op == ">" then $v >= ($p | above)
    elif $c.op == "<" then $v < ($p | lowest)
    elif $c.op == "<=" then $v < ($p | above)
    elif $c.op == "^" then $v >= ($p | lowest) and $v < ($p | caret_end)
    elif $c.op == "~" or $c.op == "~>" then $v >= ($p | lowest) and $v < ($p | tilde_end)
    else $v >= ($p | lowest) and $v < ($p | above) end;

def alternatives:
  split("||")
  | map(gsub("(?<a>\\S+)\\s+-\\s+(?<b>\\S+)"; ">=\(.a) <=\(.b)")
        | gsub("(?<op>[<>=^~]+)\\s+"; .op)
        | gsub("^\\s+|\\s+$"; "")
        | if . == "" then ["*"] else [splits("\\s+")] end);

def wellformed: test("^(\\^|~>?|>=|<=|>|<|=)?[vV=]*([0-9]+|[xX*])(\\.([0-9]+|[xX*])){0,3}([-+][0-9A-Za-z.+-]+)?$");

($range | alternatives) as $any
| if all($any[][]; wellformed) | not then empty
else
  [inputs | select(test("^[0-9]+\\.[0-9]+\\.[0-9]+$"))]
  | map(. as $text | partial as $v
        | select(any($any[]; all(.[]; allows($v))))
        | {text: $text, rank: [(if $text == $prefer then 1 else 0 end), $v]})
  | max_by(.rank) | .text // empty
end
