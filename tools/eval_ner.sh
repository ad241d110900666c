#!/usr/bin/env bash
# The named entity experiment of the ConEc paper (thesis figure 7.3) in one command: trains vectors on the training part of
# CoNLL-2003 for each seed, a classifier on each kind of vectors, and scores as conlleval does.
set -euo pipefail

# shellcheck source=tools/eval_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/eval_common.sh"

usage() {
  cat <<END
usage: $program FOLDER [OPTION...]

FOLDER holds CoNLL-2003 English: eng.train, eng.testa and eng.testb. Prints F1 on all three, mean and standard deviation
(of the sample) over the seeds, for word2vec vectors (W1), global ConEc vectors, these with vectors from the document for
words outside the vocabulary (oov), and mixes of global and local contexts. Vectors are the only features, and are trained
on eng.train alone.

  --seeds 1,2,3          seeds of the vectors; one run each
  --global-weights A,... values of a for the mixes (default 0, 0.1, ..., 1)
  --training paper|tuned paper: the update rule of the authors' code (sum of the context vectors) at the average rate of
                         their schedule, global contexts without distance weights (default); tuned: the true gradient
                         of the mean at its best rate, and global contexts weighted by 1/distance like local ones, as
                         was best on eng.testa
  --extended-inputs LIST what the vectors' training sees of a word besides the words around it, as in conec-train: shape,
                         direction, context-shapes (default none, as in the paper)
  --best                 instead of the figure the best tagger: the tuned vectors, with --extended-inputs shape,direction
                         unless told otherwise, of each token and its neighbours beside
                         hand-made features, multinomial classifiers, two passes; settings chosen on
                         eng.testa
  --json                 print the figures as JSON
  --plot FILE            also draw the figure (.svg or .png); needs gnuplot
  --work FOLDER          keep models and figures here (otherwise a temporary folder)
  --threads N            default: all cores. With 1, figures are reproducible to the digit
  --help

The programs are taken from \$CONEC_BIN, if that is set, otherwise from build/release/bin or \$PATH.
exit codes: 0 ok, 1 failed, 2 wrong usage
example: $program data/conll2003 --seeds 1 --plot figure.svg
END
}

folder= seeds=1,2,3 weights= training= extended= best= plot= work= threads=0
json=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    -h | --help)
      usage
      exit 0
      ;;
    --json) json=(--json) ;;
    --best) best=1 ;;
    --seeds=* | --global-weights=* | --training=* | --extended-inputs=* | --plot=* | --work=* | --threads=*)
      set -- "${1%%=*}" "${1#*=}" "${@:2}"
      continue
      ;;
    --seeds | --global-weights | --training | --extended-inputs | --plot | --work | --threads)
      [[ $# -ge 2 ]] || wrong_usage "$1 needs a value"
      case "$1" in
        --seeds) seeds=$2 ;;
        --global-weights) weights=$2 ;;
        --training) training=$2 ;;
        --extended-inputs) extended=$2 ;;
        --plot) plot=$2 ;;
        --work) work=$2 ;;
        --threads) threads=$2 ;;
      esac
      shift
      ;;
    -*) wrong_usage "unknown option '$1'" ;;
    *)
      [[ -z $folder ]] || wrong_usage "one folder, please: '$folder' and '$1'"
      folder=$1
      ;;
  esac
  shift
done
[[ -n $folder ]] || wrong_usage "FOLDER is missing"
check_seeds "$seeds"
weight='(0?\.[0-9]+|0|1(\.0+)?)'
[[ -z $weights || $weights =~ ^$weight(,$weight)*$ ]] ||
  wrong_usage "--global-weights takes numbers from 0 to 1 with commas between, got '$weights'"
[[ $threads =~ ^[0-9]+$ ]] || wrong_usage "--threads takes a number, got '$threads'"
[[ -z $plot || $plot == *.svg || $plot == *.png ]] || wrong_usage "--plot takes a name that ends in .svg or .png"
[[ -z $plot || -z $best ]] || wrong_usage "--plot draws the figure, which --best does not make"
if [[ -n $best ]]; then
  [[ ${training:=tuned} == tuned ]] || wrong_usage "--best trains its own vectors: leave out --training"
  : "${weights:=0.6}" "${extended:=shape,direction}"
fi
: "${training:=paper}" "${extended:=none}" "${weights:=0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1}"
case "$training" in
  paper)
    train_options=(--cbow-update sum --lr 0.01 --context-weighting uniform --context-sif 0)
    ;;
  tuned)
    train_options=(--cbow-update mean --lr 0.4 --context-weighting inverse-distance --context-sif 0)
    ;;
  *) wrong_usage "--training takes paper or tuned, got '$training'" ;;
esac
for part in eng.train eng.testa eng.testb; do
  [[ -r $folder/$part ]] || fail "'$folder/$part' is missing: FOLDER must hold eng.train, eng.testa and eng.testb"
done
[[ -z $plot || -w $(dirname -- "$plot") ]] || fail "cannot write '$plot': no such folder, or no right to write there"
conec_train=$(find_program conec-train)
conec_ner=$(find_program conec-ner)
if [[ -z $work ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"

# The paper's settings. Every token is a word; words are lower-cased and digits folded; a sentence's end is a word, too, so
# that windows see where it is and go on behind it; documents are not cut.
models=()
for seed in ${seeds//,/ }; do
  echo "vectors, seed $seed:" >&2
  model=$work/$training-$extended-$seed.conec
  "$conec_train" --input "$folder/eng.train" --format conll --tokenizer pretokenized --normalization nfkd --fold-digits \
    --segments document --line-token '</s>' --segment-length 1000000 --min-count 1 \
    --dim 200 --window 5 --negatives 13 --shared-negatives 1 --epochs 20 --sample 0 "${train_options[@]}" \
    --seed "$seed" --threads "$threads" --context-scaling max --context-exclude-target \
    --extended-inputs "$extended" --output "$model"
  models+=(--model "$model")
done
# liblinear's classifier as scikit-learn called it: one against the rest, balanced, C = 1, the intercept regularised, classes
# without B- and I-.
classifier=(--scheme type --classifier ovr --class-weights balanced --c 1 --regularize-intercept)
if [[ -n $best ]]; then
  classifier=(--embeddings mix --neighbours 1 --embedding-scale 3 --hand-features all --scheme iob2 --c 0.5
    --max-iterations 80 --passes 2 --decoding sequences)
fi
"$conec_ner" sweep "${models[@]}" --train "$folder/eng.train" --dev "$folder/eng.testa" --test "$folder/eng.testb" \
  --global-weights "$weights" --context-weighting inverse-distance "${classifier[@]}" --precision float32 --tolerance 1e-4 \
  --threads "$threads" --tsv "$work/figure.tsv" "${json[@]}"

[[ -n $plot ]] || exit 0
if ! command -v gnuplot >/dev/null; then
  echo "$program: note: no gnuplot here, so no figure ($plot); its numbers are in the table" >&2
  exit 0
fi
case "$plot" in
  *.svg) terminal='svg size 1000,420 background rgb "white"' ;;
  *.png) terminal='pngcairo size 1000,420' ;;
esac
quoted_plot=${plot//"'"/"''"}  # as gnuplot reads it between single quotes, where nothing else is special
# Rows of figure.tsv: vectors, global weight, fold, mean, deviation ("-" of a single seed, drawn as 0).
rows() {
  awk -F '\t' -v OFS='\t' -v kind="$1" -v fold="$2" \
    '$1 == kind && $3 == fold { if ($5 == "-") $5 = 0; print }' "$work/figure.tsv"
}
{
  for fold in train dev test; do
    printf '$mix_%s << EOD\n%s\nEOD\n' "$fold" "$(rows mix "$fold" | cut -f 2,4,5)"
    printf '$step_%s << EOD\n' "$fold"
    rows global "$fold" | awk -F '\t' '{ print -0.3, $4, $5 }'
    rows oov "$fold" | awk -F '\t' '{ print -0.15, $4, $5 }'
    printf 'EOD\nbase_%s = %s\n' "$fold" "$(rows word2vec "$fold" | cut -f 4)"
  done
  printf '$gains << EOD\n'
  for gain in A B C; do rows "gain $gain" test | awk -F '\t' -v name="$gain" '{ print name, $4, $5 }'; done
  printf 'EOD\n'
  cat <<END
set terminal $terminal
set output '$quoted_plot'
set multiplot layout 1, 2
set grid ytics
set title "F1 by the weight a of the global contexts (dashed: word2vec)"
set xlabel "vectors"
set ylabel "F1 (%)"
set key bottom center
set xrange [-0.4:1.1]
set xtics ("global" -0.3, "OOV" -0.15, "0" 0, "0.2" 0.2, "0.4" 0.4, "0.6" 0.6, "0.8" 0.8, "1" 1)
plot for [i=1:3] fold=word("train dev test", i) \$mix_train using 1:(NaN) with lines lc i lw 2 title fold, \\
  \$mix_train with yerrorlines lc 1 lw 2 notitle, \$mix_dev with yerrorlines lc 2 lw 2 notitle, \\
  \$mix_test with yerrorlines lc 3 lw 2 notitle, \\
  \$step_train with yerrorbars lc 1 lw 2 notitle, \$step_dev with yerrorbars lc 2 lw 2 notitle, \\
  \$step_test with yerrorbars lc 3 lw 2 notitle, \\
  base_train with lines lc 1 dt 2 notitle, base_dev with lines lc 2 dt 2 notitle, base_test with lines lc 3 dt 2 notitle
set title "Gain on the test part"
set xlabel "A: global for word2vec, B: OOV from contexts, C: best mix"
set ylabel "points of F1"
unset key
set xrange [-0.6:2.6]
set yrange [*:*]
set xtics autofreq
set style fill solid 0.5
set boxwidth 0.6
set xzeroaxis
plot \$gains using 0:2:3:xtic(1) with boxerrorbars lc 3
unset multiplot
END
} >"$work/figure.gnuplot"
gnuplot "$work/figure.gnuplot" || fail "gnuplot could not draw $plot"
echo "figure: $plot" >&2
