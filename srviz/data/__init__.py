"""Images: bundled samples, benchmark folders, MATLAB-exact resizing, training patches."""

from srviz.data.images import Image, ImageSet
from srviz.data.load import load_images
from srviz.data.patches import PatchPool, load_patch_pool, patch_pool
from srviz.data.resize import imresize

__all__ = [
    "Image",
    "ImageSet",
    "PatchPool",
    "imresize",
    "load_images",
    "load_patch_pool",
    "patch_pool",
]
